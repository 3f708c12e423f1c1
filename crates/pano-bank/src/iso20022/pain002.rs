//! pain.002.001.11, the bank's report on what became of a pain.001.

use super::date_time;
use super::write::{Out, cut};
use pano_types::Instant;
use std::io;

/// The report.
#[derive(Debug, Clone)]
pub(crate) struct Report<'r> {
    pub(crate) message_id: &'r str,
    pub(crate) created_at: Instant,
    pub(crate) original_message_id: &'r str,
    pub(crate) original_created_at: &'r str,
    pub(crate) count: usize,
    pub(crate) sum: &'r str,
    /// Status of the whole.
    pub(crate) status: &'r str,
    pub(crate) groups: Vec<GroupReport<'r>>,
}

/// On one `PmtInf`.
#[derive(Debug, Clone)]
pub(crate) struct GroupReport<'r> {
    pub(crate) id: &'r str,
    pub(crate) status: &'r str,
    pub(crate) sum: &'r str,
    pub(crate) transfers: Vec<TransferReport<'r>>,
}

/// On one transaction.
#[derive(Debug, Clone)]
pub(crate) struct TransferReport<'r> {
    /// Unique in the report.
    pub(crate) id: String,
    pub(crate) instruction_id: Option<&'r str>,
    pub(crate) end_to_end_id: &'r str,
    pub(crate) status: &'r str,
    /// ISO code of the reason, and what else is to be said.
    pub(crate) reason: Option<(&'r str, &'r str)>,
    pub(crate) accepted_at: Option<Instant>,
    /// Our id of the payment.
    pub(crate) reference: Option<String>,
}

/// Writes the report.
///
/// # Errors
/// A defect of ours.
pub(crate) fn write(report: &Report<'_>) -> io::Result<String> {
    Out::document("urn:iso:std:iso:20022:tech:xsd:pain.002.001.11", |out| {
        out.within("CstmrPmtStsRpt", |out| {
            out.within("GrpHdr", |out| {
                out.text("MsgId", &cut(report.message_id, 35))?;
                out.text("CreDtTm", &date_time(report.created_at))
            })?;
            out.within("OrgnlGrpInfAndSts", |out| {
                out.text("OrgnlMsgId", report.original_message_id)?;
                out.text("OrgnlMsgNmId", "pain.001.001.10")?;
                out.text("OrgnlCreDtTm", report.original_created_at)?;
                out.text("OrgnlNbOfTxs", &report.count.to_string())?;
                out.text("OrgnlCtrlSum", report.sum)?;
                out.text("GrpSts", report.status)
            })?;
            report.groups.iter().try_for_each(|part| group(out, part))
        })
    })
}

fn group(out: &mut Out, part: &GroupReport<'_>) -> io::Result<()> {
    out.within("OrgnlPmtInfAndSts", |out| {
        out.text("OrgnlPmtInfId", part.id)?;
        out.text("OrgnlNbOfTxs", &part.transfers.len().to_string())?;
        out.text("OrgnlCtrlSum", part.sum)?;
        out.text("PmtInfSts", part.status)?;
        part.transfers.iter().try_for_each(|one| transfer(out, one))
    })
}

fn transfer(out: &mut Out, one: &TransferReport<'_>) -> io::Result<()> {
    out.within("TxInfAndSts", |out| {
        out.text("StsId", &cut(&one.id, 35))?;
        out.maybe("OrgnlInstrId", one.instruction_id)?;
        out.text("OrgnlEndToEndId", one.end_to_end_id)?;
        out.text("TxSts", one.status)?;
        if let Some((code, more)) = one.reason {
            out.within("StsRsnInf", |out| {
                out.nested(&["Rsn", "Cd"], code)?;
                out.maybe("AddtlInf", Some(&cut(more, 105)))
            })?;
        }
        out.maybe("AccptncDtTm", one.accepted_at.map(date_time).as_deref())?;
        out.maybe("AcctSvcrRef", one.reference.as_deref())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    fn sample() -> String {
        let transfer = |n: u32, status, reason| TransferReport {
            id: format!("bat-{n}"),
            instruction_id: (n == 1).then_some("I-1"),
            end_to_end_id: "SALARY-0001",
            status,
            reason,
            accepted_at: Instant::parse("2026-03-02T02:15:00Z"),
            reference: (n == 1).then(|| "pay_01KAV3M2N4ZQ8W5T7R9X1Y3C5D".to_owned()),
        };
        write(&Report {
            message_id: "bat_01KAV3M2N4ZQ8W5T7R9X1Y3C5D",
            created_at: Instant::parse("2026-03-02T02:20:00Z").unwrap(),
            original_message_id: "PAYROLL-2026-03",
            original_created_at: "2026-03-02T10:00:00+08:00",
            count: 2,
            sum: "16300.00",
            status: "PART",
            groups: vec![GroupReport {
                id: "PAYROLL-2026-03-1",
                status: "PART",
                sum: "16300.00",
                transfers: vec![
                    transfer(1, "ACSC", None),
                    transfer(2, "RJCT", Some(("AM04", "bank.insufficient_funds"))),
                ],
            }],
        })
        .unwrap()
    }

    #[test]
    fn a_report_reads_as_written() {
        let text = sample();
        for piece in
            ["<TxSts>RJCT</TxSts>", "<Cd>AM04</Cd>", "<GrpSts>PART</GrpSts>", "<OrgnlInstrId>I-1</OrgnlInstrId>"]
        {
            assert!(text.contains(piece), "{piece} is not in {text}");
        }
    }

    /// Where the schemas of ISO 20022 and a validator are at hand, what we write is held against them.
    #[test]
    fn what_we_write_is_valid() {
        let Some(specs) = std::env::var_os("PANORAMA_SPECS") else { return };
        if Command::new("xmllint").arg("--version").stderr(Stdio::null()).status().is_err() {
            return;
        }
        let folder = std::path::Path::new(&specs).join("iso20022-xsd");
        let camt = super::super::camt053::tests::sample;
        for (schema, text) in [
            ("pain.002.001.11.xsd", sample()),
            ("camt.053.001.08.xsd", camt(0)),
            ("camt.053.001.08.xsd", camt(25)),
            ("pain.001.001.10_1.xsd", super::super::pain001::tests::SAMPLE.to_owned()),
        ] {
            let mut child = Command::new("xmllint")
                .args(["--noout", "--schema"])
                .arg(folder.join(schema))
                .arg("-")
                .stdin(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{schema}: {}\n{text}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
