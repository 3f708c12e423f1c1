//! pain.001.001.10, a customer's order to pay many.
//!
//! Read is what a credit transfer within China needs; elements that only inform (purpose, address, tax) are passed over,
//! and everything else is refused by its path.

use super::day;
use super::tree::{self, Malformed, Node};
use pano_types::{Currency, Date, Money};

/// Namespace of the version we read.
const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.10";
/// Most transactions of a message.
pub(crate) const TRANSACTIONS_MAX: usize = 1_000;
/// Most groups of a message.
pub(crate) const GROUPS_MAX: usize = 10;

/// The message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Initiation {
    /// `MsgId`.
    pub(crate) message_id: String,
    /// `CreDtTm`, as it came.
    pub(crate) created_at: String,
    /// In all groups together; what the header says has been compared.
    pub(crate) count: usize,
    /// Sum of all amounts as a decimal text.
    pub(crate) sum: String,
    pub(crate) groups: Vec<Group>,
}

/// `PmtInf`: transactions from one account on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// `PmtInfId`.
    pub(crate) id: String,
    pub(crate) execution_date: Date,
    pub(crate) debtor_account: String,
    /// CNAPS code of the payer's bank, when it is named.
    pub(crate) debtor_bank: Option<String>,
    /// Sum of its amounts as a decimal text.
    pub(crate) sum: String,
    pub(crate) transfers: Vec<Transfer>,
}

/// `CdtTrfTxInf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) instruction_id: Option<String>,
    pub(crate) end_to_end_id: String,
    pub(crate) amount: Money,
    /// `LclInstrm` of the transfer, else of its group.
    pub(crate) clearing: Option<String>,
    pub(crate) creditor_name: Option<String>,
    pub(crate) creditor_account: String,
    /// CNAPS code of the payee's bank; none stands for this bank.
    pub(crate) creditor_bank: Option<String>,
    pub(crate) remittance: Option<String>,
}

/// Reads a message and compares its counts and sums.
///
/// # Errors
/// What is wrong, and where.
pub(crate) fn read(text: &str) -> Result<Initiation, Malformed> {
    let root = tree::read(text, NAMESPACE)?;
    let message = root.need("CstmrCdtTrfInitn")?;
    message.only(&["GrpHdr", "PmtInf"], &["SplmtryData"])?;
    let header = message.need("GrpHdr")?;
    header.only(&["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"], &["FwdgAgt", "InitnSrc"])?;
    header.need("InitgPty")?;
    let groups = message.all("PmtInf").map(group).collect::<Result<Vec<_>, _>>()?;
    if groups.is_empty() || groups.len() > GROUPS_MAX {
        return message.refuse(format!("must hold 1 to {GROUPS_MAX} PmtInf"));
    }
    let count = groups.iter().map(|group| group.transfers.len()).sum::<usize>();
    if count > TRANSACTIONS_MAX {
        return message.refuse(format!("must hold at most {TRANSACTIONS_MAX} transactions"));
    }
    let mut ids: Vec<_> = groups.iter().map(|group| &group.id).collect();
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair.first() == pair.last()) {
        return message.refuse("a PmtInfId stands twice");
    }
    let sum = sum(groups.iter().flat_map(|group| &group.transfers), message)?;
    says_count(header.need("NbOfTxs")?, count)?;
    says_sum(header, &sum)?;
    let created_at = header.need("CreDtTm")?.bounded(40)?;
    if day(created_at.get(..10).unwrap_or_default()).is_none() {
        return header.need("CreDtTm")?.refuse("must be a date and time");
    }
    Ok(Initiation { message_id: header.need("MsgId")?.bounded(35)?, created_at, count, sum, groups })
}

fn group(node: &Node) -> Result<Group, Malformed> {
    node.only(
        &[
            "PmtInfId",
            "PmtMtd",
            "NbOfTxs",
            "CtrlSum",
            "PmtTpInf",
            "ReqdExctnDt",
            "Dbtr",
            "DbtrAcct",
            "DbtrAgt",
            "CdtTrfTxInf",
        ],
        &["BtchBookg", "ChrgBr", "UltmtDbtr", "ReqdAdvcTp"],
    )?;
    let method = node.need("PmtMtd")?;
    if method.text != "TRF" {
        return method.refuse("only TRF, a credit transfer, is supported");
    }
    let date = node.need("ReqdExctnDt")?;
    date.only(&["Dt"], &[])?;
    let date = date.need("Dt")?;
    let Some(execution_date) = day(&date.text) else { return date.refuse("must be a day") };
    node.need("Dbtr")?;
    let clearing = clearing(node)?;
    let transfers = node.all("CdtTrfTxInf").map(|transfer| self::transfer(transfer, clearing.as_ref()));
    let transfers = transfers.collect::<Result<Vec<_>, _>>()?;
    if transfers.is_empty() {
        return node.refuse("must hold a CdtTrfTxInf");
    }
    let sum = sum(&transfers, node)?;
    if let Some(count) = node.get("NbOfTxs")? {
        says_count(count, transfers.len())?;
    }
    says_sum(node, &sum)?;
    let debtor_bank = bank(node.need("DbtrAgt")?)?;
    let debtor_account = account(node.need("DbtrAcct")?)?;
    Ok(Group { id: node.need("PmtInfId")?.bounded(35)?, execution_date, debtor_account, debtor_bank, sum, transfers })
}

fn transfer(node: &Node, of_group: Option<&String>) -> Result<Transfer, Malformed> {
    node.only(
        &["PmtId", "PmtTpInf", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"],
        &["ChrgBr", "UltmtDbtr", "UltmtCdtr", "Purp", "RgltryRptg", "Tax", "RltdRmtInf"],
    )?;
    let id = node.need("PmtId")?;
    let amount = node.need("Amt")?;
    amount.only(&["InstdAmt"], &[])?;
    let remittance = node.path(&["RmtInf", "Ustrd"])?;
    Ok(Transfer {
        instruction_id: id.get("InstrId")?.map(|id| id.bounded(35)).transpose()?,
        end_to_end_id: id.need("EndToEndId")?.bounded(35)?,
        amount: money(amount.need("InstdAmt")?)?,
        clearing: clearing(node)?.or_else(|| of_group.cloned()),
        creditor_name: node.path(&["Cdtr", "Nm"])?.map(|name| name.bounded(140)).transpose()?,
        creditor_account: account(node.need("CdtrAcct")?)?,
        creditor_bank: node.get("CdtrAgt")?.map(bank).transpose()?.flatten(),
        remittance: remittance.map(|text| text.bounded(140)).transpose()?,
    })
}

fn clearing(node: &Node) -> Result<Option<String>, Malformed> {
    node.path(&["PmtTpInf", "LclInstrm", "Prtry"])?.map(|code| code.bounded(35)).transpose()
}

/// An account number; IBANs are not issued in China.
fn account(node: &Node) -> Result<String, Malformed> {
    node.only(&["Id"], &["Tp", "Ccy", "Nm"])?;
    let number = node.path(&["Id", "Othr", "Id"])?;
    let number = number.ok_or_else(|| Malformed { at: "/Id/Othr/Id".to_owned(), reason: "is missing".to_owned() });
    let number = number.or_else(|missing| node.refuse(format!("{}: {}", missing.at, missing.reason)))?;
    number.bounded(34)
}

fn bank(node: &Node) -> Result<Option<String>, Malformed> {
    let code = node.need("FinInstnId")?.path(&["ClrSysMmbId", "MmbId"])?;
    code.map(|code| {
        let text = code.bounded(35)?;
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(text)
        } else {
            code.refuse("must be a CNAPS code of 12 digits")
        }
    })
    .transpose()
}

fn money(node: &Node) -> Result<Money, Malformed> {
    let Some(currency) = node.currency.as_deref().and_then(|code| code.parse::<Currency>().ok()) else {
        return node.refuse("Ccy must be a currency that we carry");
    };
    match Money::parse(node.text.trim(), currency) {
        Ok(amount) if amount.minor() > 0 && node.text.len() <= 20 => Ok(amount),
        Ok(_) | Err(_) => {
            node.refuse(format!("must be a positive decimal with at most {} digits after the point", currency.digits()))
        }
    }
}

/// Digits after the point that a control sum is kept in.
const DIGITS: u32 = 5;

/// Sum of amounts, exact, as a decimal text with two digits or more.
fn sum<'t>(transfers: impl IntoIterator<Item = &'t Transfer>, node: &Node) -> Result<String, Malformed> {
    let mut total: i128 = 0;
    for transfer in transfers {
        let scale = 10_i128.pow(DIGITS - transfer.amount.currency().digits());
        total += i128::from(transfer.amount.minor()) * scale;
    }
    if total >= 10_i128.pow(18) {
        return node.refuse("the sum of all amounts is too large");
    }
    let one = 10_i128.pow(DIGITS);
    let text = format!("{}.{:05}", total / one, total % one);
    Ok(text.strip_suffix("000").map_or(text.clone(), str::to_owned))
}

fn says_count(node: &Node, count: usize) -> Result<(), Malformed> {
    if node.text.parse() == Ok(count) {
        Ok(())
    } else {
        node.refuse(format!("says another number than the {count} there are"))
    }
}

fn says_sum(node: &Node, sum: &str) -> Result<(), Malformed> {
    let Some(control) = node.get("CtrlSum")? else { return Ok(()) };
    if decimal(&control.text).is_some_and(|said| Some(said) == decimal(sum)) {
        Ok(())
    } else {
        control.refuse(format!("says another sum than {sum}"))
    }
}

/// A decimal text in units of its [`DIGITS`]th digit after the point.
fn decimal(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (fraction, rest) = fraction.split_at_checked(DIGITS as usize).unwrap_or((fraction, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 18 || !digits(whole) || !digits(fraction) || rest.bytes().any(|b| b != b'0') {
        return None;
    }
    format!("{whole}{fraction:0<width$}", width = DIGITS as usize).parse().ok()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    pub(crate) const SAMPLE: &str = include_str!("../../tests/bank/pain001.xml");

    #[test]
    fn a_message_is_read_whole() {
        let read = read(SAMPLE).unwrap();
        assert_eq!((read.message_id.as_str(), read.count, read.sum.as_str()), ("PAYROLL-2026-03", 2, "16300.00"));
        let group = &read.groups[0];
        assert_eq!(
            (group.id.as_str(), group.execution_date.to_string()),
            ("PAYROLL-2026-03-1", "2026-03-02".to_owned())
        );
        assert_eq!(group.debtor_account, "6200000000007000");
        let [first, second] = group.transfers.as_slice() else { panic!("{group:?}") };
        assert_eq!((first.amount.to_string(), first.clearing.as_deref()), ("8800.00 CNY".to_owned(), None));
        assert_eq!(first.remittance.as_deref(), Some("工资 Salary"));
        assert_eq!((second.clearing.as_deref(), second.creditor_bank.as_deref()), (Some("BEPS"), Some("999100000012")));
    }

    #[test]
    fn every_rule_names_its_place() {
        for (from, to, at) in [
            ("<NbOfTxs>2", "<NbOfTxs>3", "/Document/CstmrCdtTrfInitn/GrpHdr/NbOfTxs"),
            ("<CtrlSum>16300.00", "<CtrlSum>16300.01", "/Document/CstmrCdtTrfInitn/GrpHdr/CtrlSum"),
            ("<PmtMtd>TRF", "<PmtMtd>CHK", "/Document/CstmrCdtTrfInitn/PmtInf/PmtMtd"),
            ("<Dt>2026-03-02", "<Dt>2026-02-30", "/Document/CstmrCdtTrfInitn/PmtInf/ReqdExctnDt/Dt"),
            (
                "<InstdAmt Ccy=\"CNY\">7500.00",
                "<InstdAmt Ccy=\"CNY\">7500.001",
                "/Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf[2]/Amt/InstdAmt",
            ),
            (
                "<InstdAmt Ccy=\"CNY\">7500.00",
                "<InstdAmt Ccy=\"XXX\">7500.00",
                "/Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf[2]/Amt/InstdAmt",
            ),
            ("<RmtInf>", "<ChqInstr/><RmtInf>", "/Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/ChqInstr"),
            (
                "<EndToEndId>SALARY-0001</EndToEndId>",
                "",
                "/Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/PmtId/EndToEndId",
            ),
            (
                "<MmbId>999100000012",
                "<MmbId>12",
                "/Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf[2]/CdtrAgt/FinInstnId/ClrSysMmbId/MmbId",
            ),
            (
                "PAYROLL-2026-03</MsgId>",
                "PAYROLL-2026-03-1234567890123456789012345</MsgId>",
                "/Document/CstmrCdtTrfInitn/GrpHdr/MsgId",
            ),
            ("pain.001.001.10", "pain.001.001.03", ""),
        ] {
            assert!(SAMPLE.contains(from), "{from}");
            let refused = read(&SAMPLE.replacen(from, to, 1)).unwrap_err();
            assert_eq!(refused.at, at, "{from} → {to}: {refused}");
        }
    }

    #[test]
    fn control_sums_compare_as_numbers() {
        for text in ["16300", "16300.0", "16300.00000", "16300.0000000"] {
            assert!(read(&SAMPLE.replacen("16300.00", text, 1)).is_ok(), "{text}");
        }
        for text in ["", "-1", "1e3", ".5", "16300.000001"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn sums_print_as_they_read(whole in 0i128..1_000_000_000, fraction in 0i128..100_000) {
            let text = format!("{whole}.{fraction:05}");
            prop_assert_eq!(decimal(&text), Some(whole * 100_000 + fraction));
        }

        #[test]
        fn nothing_makes_it_panic(cut in 0usize..2_000, insert in "[<>&a-z;\"/ ]{0,12}") {
            let at = SAMPLE.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(0);
            let (before, after) = SAMPLE.split_at(at);
            drop(read(&format!("{before}{insert}{after}")));
            drop(read(&format!("{before}{insert}")));
        }
    }
}
