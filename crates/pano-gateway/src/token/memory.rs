//! The bounded memory of verified tokens.

use super::Claims;
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use pano_types::Entropy;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

/// A tag that stands for a token.
pub type Tag = [u8; 16];

type Map = HashMap<Tag, Rc<Claims>, BuildHasherDefault<TagHasher>>;

/// Verified tokens of one worker. Two generations: a token that is seen again moves to the young one; when that is full, the old one
/// is forgotten. So memory is bounded by `entries`, and a token in use is kept.
#[derive(Debug)]
pub struct Memory {
    key: LessSafeKey,
    entries: usize,
    young: Map,
    old: Map,
    hits: u64,
    misses: u64,
}

impl Memory {
    /// Remembers at most `entries` tokens; 0 remembers none.
    pub fn new(entries: usize, entropy: &dyn Entropy) -> Self {
        let mut key = [0; 16];
        entropy.fill(&mut key);
        let key = UnboundKey::new(&AES_128_GCM, &key).expect("16 bytes are an AES-128 key");
        let key = LessSafeKey::new(key);
        Self { key, entries, young: Map::default(), old: Map::default(), hits: 0, misses: 0 }
    }

    /// The tag of `token`. GCM over an empty plaintext with the token as additional data is GHASH under a secret key plus a constant:
    /// two tokens share a tag with a chance of at most length/2^128. The tag never leaves the process, so the fixed nonce gives
    /// nothing away.
    pub fn tag(&self, token: &[u8]) -> Tag {
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        let mut out = Tag::default();
        if let Ok(tag) = self.key.seal_in_place_separate_tag(nonce, Aad::from(token), &mut []) {
            out.copy_from_slice(tag.as_ref());
        }
        out
    }

    /// What is known about the token with this tag.
    pub fn recall(&mut self, tag: &Tag) -> Option<Rc<Claims>> {
        if let Some(claims) = self.young.get(tag) {
            self.hits += 1;
            return Some(Rc::clone(claims));
        }
        let Some(claims) = self.old.remove(tag) else {
            self.misses += 1;
            return None;
        };
        self.hits += 1;
        self.remember(*tag, Rc::clone(&claims));
        Some(claims)
    }

    /// Remembers a verified token.
    pub fn remember(&mut self, tag: Tag, claims: Rc<Claims>) {
        if self.entries == 0 {
            return;
        }
        if self.young.len() >= self.entries.div_ceil(2) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(tag, claims);
    }

    /// Forgets one token.
    pub fn forget(&mut self, tag: &Tag) {
        self.young.remove(tag);
        self.old.remove(tag);
    }

    /// Looked-up tokens that were found and not found since this was last asked.
    pub const fn take_counts(&mut self) -> (u64, u64) {
        let counts = (self.hits, self.misses);
        (self.hits, self.misses) = (0, 0);
        counts
    }

    /// Tokens remembered now.
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Tags are uniform already.
#[derive(Debug, Default)]
struct TagHasher(u64);

impl Hasher for TagHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }
    fn write_usize(&mut self, _length: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::{Instant, SeededEntropy};

    fn claims(n: usize) -> Rc<Claims> {
        let at = Instant::from_unix_seconds(1);
        let client_id = format!("client-{n}").into();
        Rc::new(Claims {
            customer: None,
            consent: None,
            client_id,
            app: None,
            scope: "".into(),
            jti: None,
            issued: at,
            expires: at,
            epoch: 0,
            bucket: Default::default(),
        })
    }

    #[test]
    fn tokens_in_use_stay_and_memory_is_bounded() {
        let mut memory = Memory::new(10, &SeededEntropy::new(3));
        let kept = memory.tag(b"kept");
        memory.remember(kept, claims(0));
        for n in 1..1000 {
            let tag = memory.tag(n.to_string().as_bytes());
            memory.remember(tag, claims(n));
            assert!(memory.recall(&kept).is_some(), "after {n}");
            assert!(memory.len() <= 10, "after {n}: {}", memory.len());
        }
        let first = memory.tag(b"1");
        assert!(memory.recall(&first).is_none());
        memory.forget(&kept);
        assert!(memory.recall(&kept).is_none());
    }

    #[test]
    fn other_tokens_and_other_keys_give_other_tags() {
        let (one, two) = (Memory::new(1, &SeededEntropy::new(1)), Memory::new(1, &SeededEntropy::new(2)));
        assert_eq!(one.tag(b"a.b.c"), one.tag(b"a.b.c"));
        assert_ne!(one.tag(b"a.b.c"), one.tag(b"a.b.d"));
        assert_ne!(one.tag(b"a.b.c"), two.tag(b"a.b.c"));
    }

    #[test]
    fn nothing_is_remembered_when_switched_off() {
        let mut memory = Memory::new(0, &SeededEntropy::new(1));
        let tag = memory.tag(b"x");
        memory.remember(tag, claims(1));
        assert!(memory.is_empty() && memory.recall(&tag).is_none());
    }
}
