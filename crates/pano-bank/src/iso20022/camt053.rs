//! camt.053.001.08, a bank's statement to its customer.

use super::date_time;
use super::write::{Out, cut};
use pano_types::{Date, Instant, Money};
use std::io;

/// What stands in one page of a statement.
#[derive(Debug, Clone)]
pub(crate) struct Page<'s> {
    /// Id of the message, at most 35 characters.
    pub(crate) message_id: &'s str,
    pub(crate) created_at: Instant,
    /// Id of the statement.
    pub(crate) statement_id: &'s str,
    /// From 1.
    pub(crate) number: u32,
    pub(crate) is_last: bool,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) from_at: Instant,
    /// The last second of the period.
    pub(crate) to_at: Instant,
    pub(crate) account_number: &'s str,
    pub(crate) owner: Option<&'s str>,
    /// CNAPS code of the bank.
    pub(crate) bank_code: &'s str,
    pub(crate) opening: Money,
    pub(crate) closing: Money,
    /// Number and sum of what came in and of what went out, over all pages.
    pub(crate) credits: (usize, Money),
    pub(crate) debits: (usize, Money),
    pub(crate) entries: Vec<Line<'s>>,
}

/// One entry.
#[derive(Debug, Clone)]
pub(crate) struct Line<'s> {
    /// Number on the account.
    pub(crate) number: u64,
    pub(crate) is_credit: bool,
    pub(crate) amount: Money,
    pub(crate) booked_on: Date,
    pub(crate) value_date: Date,
    /// Id of the ledger's transaction.
    pub(crate) reference: &'s str,
    pub(crate) narrative: &'s str,
}

/// Writes the page.
///
/// # Errors
/// A defect of ours.
pub(crate) fn write(page: &Page<'_>) -> io::Result<String> {
    Out::document("urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", |out| {
        out.within("BkToCstmrStmt", |out| {
            out.within("GrpHdr", |out| {
                out.text("MsgId", &cut(page.message_id, 35))?;
                out.text("CreDtTm", &date_time(page.created_at))
            })?;
            out.within("Stmt", |out| statement(out, page))
        })
    })
}

fn statement(out: &mut Out, page: &Page<'_>) -> io::Result<()> {
    out.text("Id", page.statement_id)?;
    out.within("StmtPgntn", |out| {
        out.text("PgNb", &page.number.to_string())?;
        out.text("LastPgInd", if page.is_last { "true" } else { "false" })
    })?;
    out.text("CreDtTm", &date_time(page.created_at))?;
    out.within("FrToDt", |out| {
        out.text("FrDtTm", &date_time(page.from_at))?;
        out.text("ToDtTm", &date_time(page.to_at))
    })?;
    out.within("Acct", |out| {
        out.nested(&["Id", "Othr", "Id"], page.account_number)?;
        out.text("Ccy", page.opening.currency().code())?;
        if let Some(owner) = page.owner {
            out.nested(&["Ownr", "Nm"], &cut(owner, 140))?;
        }
        out.nested(&["Svcr", "FinInstnId", "ClrSysMmbId", "MmbId"], page.bank_code)
    })?;
    balance(out, "OPBD", page.opening, page.from)?;
    balance(out, "CLBD", page.closing, page.to)?;
    out.within("TxsSummry", |out| {
        let total = |out: &mut Out, name: &str, (count, sum): (usize, Money)| {
            out.within(name, |out| {
                out.text("NbOfNtries", &count.to_string())?;
                out.text("Sum", &sum.amount())
            })
        };
        total(out, "TtlCdtNtries", page.credits)?;
        total(out, "TtlDbtNtries", page.debits)
    })?;
    page.entries.iter().try_for_each(|line| entry(out, line))
}

fn balance(out: &mut Out, code: &str, amount: Money, day: Date) -> io::Result<()> {
    out.within("Bal", |out| {
        out.nested(&["Tp", "CdOrPrtry", "Cd"], code)?;
        out.amount("Amt", amount)?;
        out.text("CdtDbtInd", direction(amount.minor() >= 0))?;
        out.nested(&["Dt", "Dt"], &day.to_string())
    })
}

fn entry(out: &mut Out, line: &Line<'_>) -> io::Result<()> {
    out.within("Ntry", |out| {
        out.text("NtryRef", &line.number.to_string())?;
        out.amount("Amt", line.amount)?;
        out.text("CdtDbtInd", direction(line.is_credit))?;
        out.nested(&["Sts", "Cd"], "BOOK")?;
        out.nested(&["BookgDt", "Dt"], &line.booked_on.to_string())?;
        out.nested(&["ValDt", "Dt"], &line.value_date.to_string())?;
        out.text("AcctSvcrRef", &cut(line.reference, 35))?;
        out.within("BkTxCd", |out| {
            out.within("Prtry", |out| {
                out.text("Cd", if line.is_credit { "CREDIT" } else { "DEBIT" })?;
                out.text("Issr", "PANORAMA")
            })
        })?;
        out.maybe("AddtlNtryInf", Some(&cut(line.narrative, 500)))
    })
}

const fn direction(is_credit: bool) -> &'static str {
    if is_credit { "CRDT" } else { "DBIT" }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use pano_types::Currency;

    pub(crate) fn sample(entries: usize) -> String {
        let day = |text| Date::parse(text).unwrap();
        let cny = |minor| Money::new(minor, Currency::CNY);
        let line = |number: u64| Line {
            number,
            is_credit: number.is_multiple_of(3),
            amount: cny(12_345),
            booked_on: day("2026-02-27"),
            value_date: day("2026-02-28"),
            reference: "txn_01KAV3M2N4ZQ8W5T7R9X1Y3C5D",
            narrative: "货款 <A&B> \"quoted\"",
        };
        let page = Page {
            message_id: "6200000000000005-2026-02-1",
            created_at: Instant::parse("2026-03-02T02:15:01.5Z").unwrap(),
            statement_id: "2026-02",
            number: 1,
            is_last: true,
            from: day("2026-02-01"),
            to: day("2026-02-28"),
            from_at: Instant::parse("2026-01-31T16:00:00Z").unwrap(),
            to_at: Instant::parse("2026-02-28T15:59:59Z").unwrap(),
            account_number: "6200000000000005",
            owner: Some("林晓雨 & 家人"),
            bank_code: "999999900001",
            opening: cny(-500),
            closing: cny(104_217),
            credits: (1, cny(12_345)),
            debits: (2, cny(24_690)),
            entries: (1..).map(line).take(entries).collect(),
        };
        write(&page).unwrap()
    }

    #[test]
    fn a_page_reads_as_written() {
        let text = sample(1);
        for piece in [
            "<Amt Ccy=\"CNY\">5.00</Amt>",
            "<CdtDbtInd>DBIT</CdtDbtInd>",
            "<CreDtTm>2026-03-02T10:15:01.5+08:00</CreDtTm>",
            "&lt;A&amp;B&gt;",
            "<Nm>林晓雨 &amp; 家人</Nm>",
            "<LastPgInd>true</LastPgInd>",
        ] {
            assert!(text.contains(piece), "{piece} is not in {text}");
        }
    }
}
