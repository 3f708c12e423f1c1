//! Branch Location Management: where the bank can be visited. All places are made up.

use super::{Room, get};
use crate::BANK_ZONE;
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::calendar;
use crate::wire::Listed;
use pano_types::{Code, Date, Instant, Localized};
use serde::{Deserialize, Serialize};

pub(crate) const ROOM: Room = Room {
    document: Document::new(
        "branch-location-management",
        include_str!("../../openapi/branch-location-management.yaml"),
    ),
    operations: &[get("/branches", "listBranches", list), get("/branches/{branchCode}", "retrieveBranch", retrieve)],
    kinds: &[],
    seed: None,
};

const LIST: &str = "branches";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Service {
    Cash,
    Forex,
    Wealth,
    Loan,
    Corporate,
    SafeBox,
}

/// A branch. Minutes are of the day in Beijing; the second hours are those of Saturdays.
#[derive(Debug)]
struct Branch {
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    address: (&'static str, &'static str),
    phone: &'static str,
    services: &'static [Service],
    weekdays: (u16, u16),
    saturdays: Option<(u16, u16)>,
    accessible: bool,
}

const BRANCHES: &[Branch] = &[
    Branch {
        code: "990100001",
        zh: "全景市中心支行",
        en: "Panorama City Central",
        address: ("全景市示例路 1 号", "1 Example Road, Panorama City"),
        phone: "+861200000001",
        services: &[Service::Cash, Service::Forex, Service::Wealth, Service::Loan, Service::SafeBox],
        weekdays: (9 * 60, 17 * 60),
        saturdays: Some((9 * 60 + 30, 16 * 60)),
        accessible: true,
    },
    Branch {
        code: "990100002",
        zh: "全景市科技园支行",
        en: "Panorama City Science Park",
        address: ("全景市创新大道 88 号", "88 Innovation Avenue, Panorama City"),
        phone: "+861200000002",
        services: &[Service::Cash, Service::Corporate, Service::Loan],
        weekdays: (9 * 60, 17 * 60),
        saturdays: None,
        accessible: true,
    },
    Branch {
        code: "990100003",
        zh: "全景市老街支行",
        en: "Panorama City Old Street",
        address: ("全景市老街 7 号", "7 Old Street, Panorama City"),
        phone: "+861200000003",
        services: &[Service::Cash, Service::Wealth],
        weekdays: (8 * 60 + 30, 16 * 60 + 30),
        saturdays: Some((9 * 60, 12 * 60)),
        accessible: false,
    },
    Branch {
        code: "990100004",
        zh: "远洋港支行",
        en: "Ocean Harbour",
        address: ("远洋港码头路 12 号", "12 Pier Road, Ocean Harbour"),
        phone: "+861200000004",
        services: &[Service::Forex, Service::Corporate, Service::Loan],
        weekdays: (9 * 60, 17 * 60 + 30),
        saturdays: None,
        accessible: true,
    },
];

impl Branch {
    /// Whether it is open at `now`: on business days, and on Saturdays that are no holiday.
    fn open_at(&self, now: Instant) -> bool {
        let today = Date::of(now, BANK_ZONE);
        let minute = now.since(today.start(BANK_ZONE)).as_secs() / 60;
        let within = |(from, to): (u16, u16)| (u64::from(from)..u64::from(to)).contains(&minute);
        if calendar::is_business_day(today) {
            return within(self.weekdays);
        }
        today.weekday() == 6 && calendar::holiday_on(today).is_none() && self.saturdays.is_some_and(within)
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    branch_code: &'static str,
    name: Localized,
    city: Localized,
    address: Localized,
    phone: &'static str,
    services: &'static [Service],
    opening_hours: Vec<Hours>,
    accessible: bool,
}

#[derive(Debug, Serialize)]
struct Hours {
    day: &'static str,
    opens: String,
    closes: String,
}

impl From<&Branch> for View {
    fn from(branch: &Branch) -> Self {
        let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let hours = |day, (from, to)| Hours { day, opens: time(from), closes: time(to) };
        let weekdays = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"].map(|day| hours(day, branch.weekdays));
        let saturdays = branch.saturdays.map(|times| hours("SATURDAY", times));
        Self {
            branch_code: branch.code,
            name: Localized::new(branch.zh, branch.en),
            city: Localized::new("全景市", "Panorama City"),
            address: Localized::new(branch.address.0, branch.address.1),
            phone: branch.phone,
            services: branch.services,
            opening_hours: weekdays.into_iter().chain(saturdays).collect(),
            accessible: branch.accessible,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    service: Option<Service>,
    open_now: Option<bool>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let now = call.now();
    let wanted = |branch: &&Branch| {
        query.service.is_none_or(|service| branch.services.contains(&service))
            && query.open_now.is_none_or(|open| branch.open_at(now) == open)
    };
    let found = BRANCHES.iter().filter(wanted);
    Answer::ok(&Listed::ascending(LIST, &page, found, |branch| branch.code.to_owned(), View::from))
}

fn retrieve(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let code = input.path("branchCode");
    let branch = BRANCHES.iter().find(|branch| branch.code == code).ok_or(Code::NotFound)?;
    Answer::ok(&View::from(branch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_open_by_hour_weekday_and_holiday() {
        let central = &BRANCHES[0];
        for (at, open) in [
            ("2026-03-02T01:00:00Z", true),  // Monday 09:00
            ("2026-03-02T00:59:59Z", false), // a second before
            ("2026-03-02T09:00:00Z", false), // 17:00
            ("2026-03-07T02:00:00Z", true),  // Saturday 10:00
            ("2026-03-07T09:00:00Z", false), // Saturday 17:00
            ("2026-03-08T02:00:00Z", false), // Sunday
            ("2026-05-01T02:00:00Z", false), // Labour Day, a Friday
            ("2026-05-02T02:00:00Z", false), // a Saturday of the holidays
            ("2026-05-09T08:30:00Z", true),  // a Saturday that is worked, 16:30
        ] {
            assert_eq!(central.open_at(Instant::parse(at).unwrap()), open, "{at}");
        }
        assert!(BRANCHES.windows(2).all(|pair| pair[0].code < pair[1].code), "lists are by code");
    }
}
