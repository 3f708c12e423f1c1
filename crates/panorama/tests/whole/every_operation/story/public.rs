//! What everyone may know.

use super::{Step, call};

pub(super) fn steps() -> Vec<Step> {
    vec![
        call("listBranches").query("openNow=true").first("branchCode"),
        call("retrieveBranch"),
        call("listProducts").query("productClass=CARD").first("productCode"),
        call("retrieveProduct"),
        call("listInterestRates").query("kind=LPR&currency=CNY"),
        call("listCalendars").first("calendarCode"),
        call("listCalendarDays").query("fromDate={day}&toDate={day+5}"),
    ]
}
