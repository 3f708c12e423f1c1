//! The audit trail's hash chain: each link's hash covers its content and the hash of the link before.
//!
//! The bytes that are hashed (SHA-256), in this order, so that no two different links share them:
//!
//! | bytes | meaning |
//! |---|---|
//! | `panorama audit link 1\0` | what this is, and the encoding's version |
//! | 32 | hash of the link before; zeros before the first |
//! | 8, big endian | sequence, from 1 |
//! | 8, big endian, two's complement | instant, microseconds since the epoch |
//! | for each of actor, action, subject kind, subject id, detail, trace id: 4, big endian, then the bytes | length and text (UTF-8) |
//!
//! The chain shows any change inside it. That its end was cut off shows against a head kept elsewhere ([`Verifier::finish`]);
//! whoever can rewrite rows and head together is caught by heads noted outside the database ([`Verifier::against`]).

use crate::digest::sha256;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Before the first link.
pub const START: Head = Head { seq: 0, hash: [0; 32] };

/// The content of one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content<'a> {
    /// When, microseconds since the epoch.
    pub at_us: i64,
    /// Who.
    pub actor: &'a str,
    /// Did what.
    pub action: &'a str,
    /// To what kind of thing.
    pub subject_kind: &'a str,
    /// To which.
    pub subject_id: &'a str,
    /// Particulars, as they are stored (JSON text).
    pub detail: &'a str,
    /// Trace id of the request.
    pub trace_id: &'a str,
}

/// A place in the chain: a link's sequence and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Sequence of the link.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

/// A link as found in storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'a> {
    /// Its sequence.
    pub seq: u64,
    /// What it says the hash before it was.
    pub prev_hash: Hash,
    /// Its content.
    pub content: Content<'a>,
    /// Its hash.
    pub hash: Hash,
}

/// The first thing wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// The content is not what was hashed.
    #[error("link {seq} was changed after it was written")]
    Changed {
        /// Which link.
        seq: u64,
    },
    /// A sequence is not there, but later ones are.
    #[error("link {seq} is missing")]
    Missing {
        /// Which link.
        seq: u64,
    },
    /// The link is genuine but was written at another place.
    #[error("link {seq} was written as link {written_as}: links were reordered or renumbered")]
    Moved {
        /// Where it stands.
        seq: u64,
        /// Where it belongs.
        written_as: u64,
    },
    /// The link is whole but does not follow from the one before it, which must have been rewritten.
    #[error("link {seq} does not follow from the link before it: that one was rewritten")]
    Unlinked {
        /// Which link.
        seq: u64,
    },
    /// The chain ends before its head.
    #[error("the chain ends at link {last}, its head is at link {head}: the end was cut off")]
    Truncated {
        /// Last link that is there.
        last: u64,
        /// Where the head stands.
        head: u64,
    },
    /// There are links after the head.
    #[error("link {seq} stands after the chain's head")]
    BeyondHead {
        /// The first of them.
        seq: u64,
    },
    /// The last link is not the one that the head names.
    #[error("the chain's head does not name the hash of link {seq}")]
    HeadDiffers {
        /// Sequence of both.
        seq: u64,
    },
    /// The chain ends before a head that was noted elsewhere.
    #[error("the chain ends at link {last}, but link {noted} was noted outside of the database: the end was cut off")]
    CutBehindNote {
        /// Last link that is there.
        last: u64,
        /// The last that was noted.
        noted: u64,
    },
    /// A link is not the one that was noted elsewhere.
    #[error(
        "link {seq} is not the one that was noted outside of the database: the chain was written anew from there or before"
    )]
    NotAsNoted {
        /// Which link.
        seq: u64,
    },
}

/// The link that follows `prev` with this content.
pub fn next(prev: Head, content: &Content<'_>) -> Head {
    let seq = prev.seq.saturating_add(1);
    Head { seq, hash: hash(&prev.hash, seq, content) }
}

fn hash(prev: &Hash, seq: u64, content: &Content<'_>) -> Hash {
    let texts =
        [content.actor, content.action, content.subject_kind, content.subject_id, content.detail, content.trace_id];
    let mut bytes = Vec::with_capacity(128 + texts.iter().map(|t| t.len() + 4).sum::<usize>());
    bytes.extend_from_slice(b"panorama audit link 1\0");
    bytes.extend_from_slice(prev);
    bytes.extend_from_slice(&seq.to_be_bytes());
    bytes.extend_from_slice(&content.at_us.to_be_bytes());
    for text in texts {
        bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    sha256(&bytes)
}

/// How far around its place a broken link's true place is looked for.
const SEARCH: u64 = 2048;

/// Walks a chain, link by link in the order of their sequences.
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'n> {
    head: Head,
    noted: &'n [Head],
}

impl<'n> Verifier<'n> {
    /// From the first link on, held against heads that were noted elsewhere, in the order of their sequences.
    pub const fn against(noted: &'n [Head]) -> Self {
        Self { head: START, noted }
    }

    /// The last good link.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Takes the next link, or says what is wrong with it.
    pub fn step(&mut self, found: &Found<'_>) -> Result<(), Break> {
        let expected = self.head.seq.saturating_add(1);
        if found.seq != expected {
            return Err(Break::Missing { seq: expected });
        }
        if hash(&found.prev_hash, found.seq, &found.content) != found.hash {
            return Err(match written_as(found) {
                Some(written_as) => Break::Moved { seq: found.seq, written_as },
                None => Break::Changed { seq: found.seq },
            });
        }
        if found.prev_hash != self.head.hash {
            return Err(Break::Unlinked { seq: found.seq });
        }
        while let Some((noted, later)) = self.noted.split_first().filter(|(noted, _)| noted.seq <= found.seq) {
            if noted.seq == found.seq && noted.hash != found.hash {
                return Err(Break::NotAsNoted { seq: found.seq });
            }
            self.noted = later;
        }
        self.head = Head { seq: found.seq, hash: found.hash };
        Ok(())
    }

    /// Compares the chain's end with its head, and with what was noted.
    pub fn finish(&self, head: Head) -> Result<(), Break> {
        let last = self.head.seq;
        match last.cmp(&head.seq) {
            std::cmp::Ordering::Less => return Err(Break::Truncated { last, head: head.seq }),
            std::cmp::Ordering::Greater => return Err(Break::BeyondHead { seq: head.seq.saturating_add(1) }),
            std::cmp::Ordering::Equal if self.head.hash != head.hash => return Err(Break::HeadDiffers { seq: last }),
            std::cmp::Ordering::Equal => {}
        }
        match self.noted.last() {
            Some(noted) if noted.seq > last => Err(Break::CutBehindNote { last, noted: noted.seq }),
            _ => Ok(()),
        }
    }
}

fn written_as(found: &Found<'_>) -> Option<u64> {
    let near = found.seq.saturating_sub(SEARCH)..found.seq.saturating_add(SEARCH);
    near.into_iter().find(|&seq| hash(&found.prev_hash, seq, &found.content) == found.hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(detail: &str) -> Content<'_> {
        Content {
            at_us: 1_700_000_000_000_000,
            actor: "opr_1",
            action: "api.publish",
            subject_kind: "api",
            subject_id: "api_1",
            detail,
            trace_id: "0af7651916cd43dd8448eb211c80319c",
        }
    }

    fn chain(details: &[&'static str]) -> (Vec<Found<'static>>, Head) {
        let mut head = START;
        let links = details.iter().map(|detail| {
            let prev_hash = head.hash;
            head = next(head, &content(detail));
            Found { seq: head.seq, prev_hash, content: content(detail), hash: head.hash }
        });
        (links.collect(), head)
    }

    fn verify(links: &[Found<'_>], head: Head) -> Result<(), Break> {
        verify_against(&[], links, head)
    }

    fn verify_against(noted: &[Head], links: &[Found<'_>], head: Head) -> Result<(), Break> {
        let mut verifier = Verifier::against(noted);
        links.iter().try_for_each(|link| verifier.step(link))?;
        verifier.finish(head)
    }

    /// The bytes are a promise: chains written today must verify for ever.
    #[test]
    fn the_encoding_stays() {
        let head = next(START, &content("{}"));
        assert_eq!(hex::encode(head.hash), "de3854cd2db97567fca90e566e129286ebb0b65c9af1340c7b8ed597fecd9336");
    }

    #[test]
    fn lengths_keep_neighbours_apart() {
        let one = Content { actor: "ab", action: "c", ..content("") };
        let two = Content { actor: "a", action: "bc", ..content("") };
        assert_ne!(next(START, &one), next(START, &two));
    }

    #[test]
    fn each_break_is_named() {
        let (good, head) = chain(&["1", "2", "3", "4"]);
        assert_eq!(verify(&good, head), Ok(()));

        let broken = |edit: &dyn Fn(&mut Vec<Found<'static>>)| {
            let mut links = good.clone();
            edit(&mut links);
            verify(&links, head).unwrap_err()
        };
        assert_eq!(broken(&|l| l[1].content.detail = "x"), Break::Changed { seq: 2 });
        assert_eq!(broken(&|l| l[1].content.at_us += 1), Break::Changed { seq: 2 });
        assert_eq!(broken(&|l| l[2].hash[0] ^= 1), Break::Changed { seq: 3 });
        assert_eq!(broken(&|l| _ = l.remove(1)), Break::Missing { seq: 2 });
        assert_eq!(broken(&|l| _ = l.remove(0)), Break::Missing { seq: 1 });
        assert_eq!(broken(&|l| _ = l.pop()), Break::Truncated { last: 3, head: 4 });
        assert_eq!(broken(&|l| l.clear()), Break::Truncated { last: 0, head: 4 });
        let swap = |l: &mut Vec<Found<'static>>| {
            l.swap(1, 2);
            (l[1].seq, l[2].seq) = (2, 3);
        };
        assert_eq!(broken(&swap), Break::Moved { seq: 2, written_as: 3 });
        let renumber = |l: &mut Vec<Found<'static>>| {
            l.remove(1);
            (l[1].seq, l[2].seq) = (2, 3);
        };
        assert_eq!(broken(&renumber), Break::Moved { seq: 2, written_as: 3 });
        let rewrite = |l: &mut Vec<Found<'static>>| {
            l[1].content.detail = "x";
            l[1].hash = hash(&l[1].prev_hash, 2, &l[1].content);
        };
        assert_eq!(broken(&rewrite), Break::Unlinked { seq: 3 });
        let rewrite_last = |l: &mut Vec<Found<'static>>| {
            l[3].content.detail = "x";
            l[3].hash = hash(&l[3].prev_hash, 4, &l[3].content);
        };
        assert_eq!(broken(&rewrite_last), Break::HeadDiffers { seq: 4 });
        assert_eq!(verify(&good, START), Err(Break::BeyondHead { seq: 1 }));
    }

    /// Whoever rewrites the database whole, head and hashes with it, cannot rewrite what was noted.
    #[test]
    fn noted_heads_show_what_the_chain_itself_cannot() {
        let (good, _) = chain(&["1", "2", "3", "4"]);
        let at = |seq: usize| Head { seq: good[seq - 1].seq, hash: good[seq - 1].hash };
        let noted = [at(2), at(2), at(4)];
        let found = |details: &[&'static str], noted: &[Head]| {
            let (links, head) = chain(details);
            verify_against(noted, &links, head)
        };
        assert_eq!(found(&["1", "2", "3", "4"], &noted), Ok(()));
        assert_eq!(found(&["1", "2", "3", "4", "5"], &noted), Ok(()));
        assert_eq!(found(&["1", "2", "3"], &noted), Err(Break::CutBehindNote { last: 3, noted: 4 }));
        assert_eq!(found(&[], &noted), Err(Break::CutBehindNote { last: 0, noted: 4 }));
        assert_eq!(found(&["1", "2", "3", "x"], &noted), Err(Break::NotAsNoted { seq: 4 }));
        assert_eq!(found(&["x", "2", "3", "4", "5"], &noted), Err(Break::NotAsNoted { seq: 2 }));
        // Two notes that contradict each other: one of them is not what the chain says.
        let forged = [at(2), Head { seq: 2, hash: [7; 32] }];
        assert_eq!(found(&["1", "2", "3", "4"], &forged), Err(Break::NotAsNoted { seq: 2 }));
    }
}
