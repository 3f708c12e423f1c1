//! See `pano_store::audit`.

use crate::executor::Unit;
use crate::row::{Row, number};
use crate::{Result, StoreError};
use pano_crypto::chain::{self, Content, Found, Head, Verifier};
use pano_store::AuditRepository;
use pano_store::audit::{Act, Filter, Link, Subject, Verification};
use pano_types::{Page, PageRequest};
use sea_query::{Cond, Expr, ExprTrait as _, Order, Query, SelectStatement};

const COLUMNS: [&str; 10] =
    ["seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash"];

/// Links read at a time while verifying.
const STRIDE: u64 = 1000;

#[async_trait::async_trait]
impl AuditRepository for Unit {
    async fn audit_append(&mut self, act: Act) -> Result<u64> {
        let prev = self.journal_lock().await?;
        let stored = Stored::new(&act);
        let head = chain::next(prev, &stored.content());
        let mut insert = Query::insert();
        insert.into_table("audit").columns(COLUMNS).values_panic([
            number(head.seq)?.into(),
            stored.at_us.into(),
            stored.actor.into(),
            stored.action.into(),
            stored.subject.kind.into(),
            stored.subject.id.into(),
            stored.detail.into(),
            stored.trace_id.into(),
            hex(&prev.hash).into(),
            hex(&head.hash).into(),
        ]);
        self.run("audit.append", &insert).await?;
        let mut update = Query::update();
        update
            .table("audit_head")
            .value("seq", number(head.seq)?)
            .value("hash", hex(&head.hash))
            .and_where(Expr::col("seq").eq(number(prev.seq)?));
        self.run_one("audit_head.move", &update, || StoreError::stale("audit head")).await?;
        Ok(head.seq)
    }

    async fn audit_page(&mut self, filter: &Filter, page: &PageRequest) -> Result<Page<Link>> {
        let mut select = select();
        select.cond_where(condition(filter)).order_by("seq", Order::Desc).limit(u64::from(page.limit()) + 1);
        if let Some(after) = page.after() {
            let after: i64 = after.parse().map_err(|_| StoreError::PageKey)?;
            select.and_where(Expr::col("seq").lt(after));
        }
        let rows = self.all("audit.page", &select, link).await?;
        Ok(Page::from_rows(rows, page, |link| link.seq.to_string()))
    }

    async fn audit_head(&mut self) -> Result<Head> {
        self.head(false).await
    }

    async fn audit_verify(&mut self, noted: &[Head]) -> Result<Verification> {
        let head = self.head(false).await?;
        let mut verifier = Verifier::against(noted);
        let mut after: i64 = i64::MIN;
        let outcome = loop {
            let mut select = select();
            select.and_where(Expr::col("seq").gt(after)).order_by("seq", Order::Asc).limit(STRIDE);
            let rows = self.all("audit.verify", &select, Stored::read).await?;
            let Some(last) = rows.last() else { break verifier.finish(head) };
            after = last.seq;
            if let Err(broken) = rows.iter().try_for_each(|row| verifier.step(&row.found())) {
                break Err(broken);
            }
        };
        let broken = outcome.err();
        let head = verifier.head();
        Ok(Verification { good: head.seq, head, broken })
    }
}

impl Unit {
    /// Takes the lock that orders everything with a sequence (audit links, events), and answers with the chain's head. All
    /// take this one first, so that no two units can wait for each other over it.
    pub(crate) async fn journal_lock(&mut self) -> Result<Head> {
        self.head(true).await
    }

    async fn head(&mut self, lock: bool) -> Result<Head> {
        let mut select = Query::select();
        select.columns(["one", "seq", "hash"]).from("audit_head");
        let name = if lock {
            select.lock_exclusive();
            "audit_head.lock"
        } else {
            "audit_head.read"
        };
        let read = |row: &Row| {
            let text = row.text("hash")?;
            let hash = if text.is_empty() { Some(chain::START.hash) } else { unhex(&text) };
            Ok(Head { seq: row.number("seq")?, hash: hash.ok_or_else(|| row.corrupt("hash", "not 64 hex digits"))? })
        };
        let head = self.one(name, &select, read).await?;
        self.keep(head.ok_or_else(|| StoreError::missing("audit head")))
    }
}

fn select() -> SelectStatement {
    Query::select().columns(COLUMNS).from("audit").to_owned()
}

fn condition(filter: &Filter) -> Cond {
    let mut all = Cond::all();
    if let Some(kind) = &filter.subject_kind {
        all = all.add(Expr::col("subject_kind").eq(kind.as_str()));
    }
    if let Some(id) = &filter.subject_id {
        all = all.add(Expr::col("subject_id").eq(id.as_str()));
    }
    if let Some(actor) = &filter.actor {
        all = all.add(Expr::col("actor").eq(actor.to_string()));
    }
    match filter.action.as_deref() {
        // Every text that starts with `noun.` lies between it and `noun/`, the next byte after the point.
        Some(noun) if noun.ends_with('.') => {
            let end = format!("{}/", noun.trim_end_matches('.'));
            all = all.add(Expr::col("action").gte(noun)).add(Expr::col("action").lt(end));
        }
        Some(action) => all = all.add(Expr::col("action").eq(action)),
        None => {}
    }
    if let Some(from) = filter.from {
        all = all.add(Expr::col("at").gte(from.unix_micros()));
    }
    if let Some(until) = filter.until {
        all = all.add(Expr::col("at").lt(until.unix_micros()));
    }
    all
}

fn link(row: &Row) -> Result<Link> {
    let act = Act {
        at: row.instant("at")?,
        actor: row.parse("actor")?,
        action: row.text("action")?,
        subject: Subject { kind: row.text("subject_kind")?, id: row.text("subject_id")? },
        detail: row.json("detail")?,
        trace_id: row.text("trace_id")?,
    };
    Ok(Link { seq: row.number("seq")?, act, prev_hash: row.text("prev_hash")?, hash: row.text("hash")? })
}

/// A link exactly as it is stored. Verifying reads nothing into it, so that a tampered value is a broken link and not an
/// unreadable row.
struct Stored {
    seq: i64,
    at_us: i64,
    actor: String,
    action: String,
    subject: Subject,
    detail: String,
    trace_id: String,
    prev_hash: String,
    hash: String,
}

impl Stored {
    fn new(act: &Act) -> Self {
        Self {
            seq: 0,
            at_us: act.at.unix_micros(),
            actor: act.actor.to_string(),
            action: act.action.clone(),
            subject: act.subject.clone(),
            detail: act.detail.to_string(),
            trace_id: act.trace_id.clone(),
            prev_hash: String::new(),
            hash: String::new(),
        }
    }

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            seq: row.i64("seq")?,
            at_us: row.i64("at")?,
            actor: row.text("actor")?,
            action: row.text("action")?,
            subject: Subject { kind: row.text("subject_kind")?, id: row.text("subject_id")? },
            detail: row.text("detail")?,
            trace_id: row.text("trace_id")?,
            prev_hash: row.text("prev_hash")?,
            hash: row.text("hash")?,
        })
    }

    fn content(&self) -> Content<'_> {
        Content {
            at_us: self.at_us,
            actor: &self.actor,
            action: &self.action,
            subject_kind: &self.subject.kind,
            subject_id: &self.subject.id,
            detail: &self.detail,
            trace_id: &self.trace_id,
        }
    }

    /// A hash that is not 64 hex digits becomes one that nothing hashes to, and a sequence below zero one that is never
    /// next: both are broken links.
    fn found(&self) -> Found<'_> {
        Found {
            seq: u64::try_from(self.seq).unwrap_or(u64::MAX),
            prev_hash: unhex(&self.prev_hash).unwrap_or([0xff; 32]),
            content: self.content(),
            hash: unhex(&self.hash).unwrap_or([0xff; 32]),
        }
    }
}

fn hex(hash: &chain::Hash) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<chain::Hash> {
    let mut out = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in out.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(out)
}
