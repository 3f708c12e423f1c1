//! Pages: the rows after a key, and one more than wanted, which tells whether there are more.

use pano_types::PageRequest;
use sea_query::{Expr, ExprTrait as _, Order, SelectStatement};

/// In ascending order of `column`, from the page's key on.
pub(crate) fn ascending(select: &mut SelectStatement, column: &'static str, page: &PageRequest) {
    if let Some(after) = page.after() {
        select.and_where(Expr::col(column).gt(after));
    }
    select.order_by(column, Order::Asc).limit(u64::from(page.limit()) + 1);
}

/// In descending order of `column`: the newest first where that is an id.
pub(crate) fn descending(select: &mut SelectStatement, column: &'static str, page: &PageRequest) {
    if let Some(after) = page.after() {
        select.and_where(Expr::col(column).lt(after));
    }
    select.order_by(column, Order::Desc).limit(u64::from(page.limit()) + 1);
}
