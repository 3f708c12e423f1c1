//! Hosts and base paths → API versions.

use super::api::{Api, Operation, Serving};
use crate::router::{Captures, Leaf};
use std::collections::HashMap;
use std::sync::Arc;

/// Where API versions are mounted.
#[derive(Debug, Default)]
pub struct Mounts {
    any: Tree,
    hosts: HashMap<Box<str>, Tree>,
}

/// Base paths of one host, by segment.
#[derive(Debug, Default)]
struct Tree {
    children: HashMap<Box<str>, Tree>,
    apis: Vec<Arc<Api>>,
}

/// What a path leads to.
#[derive(Debug)]
pub enum Found<'m> {
    /// A template of a served version.
    Leaf {
        /// The version.
        api: &'m Arc<Api>,
        /// The template.
        leaf: &'m Leaf<u32>,
        /// Its parameters, as ranges of the path below the base path.
        captures: Captures,
        /// Length of the base path.
        base: usize,
    },
    /// The base path of a retired version.
    Retired(&'m Arc<Api>),
    /// Nothing.
    Nothing,
}

impl Mounts {
    /// Mounts all of `apis`.
    pub fn new<'a>(apis: impl Iterator<Item = &'a Arc<Api>>) -> Self {
        let mut mounts = Self::default();
        for api in apis {
            if api.hosts.is_empty() {
                mounts.any.mount(api);
            }
            for host in &api.hosts {
                mounts.hosts.entry(host.clone()).or_default().mount(api);
            }
        }
        mounts
    }

    /// What `path` leads to at `host`: the longest base path with a fitting template; a host's own mounts come first.
    pub fn find(&self, host: &str, path: &str) -> Found<'_> {
        if !self.hosts.is_empty()
            && let Some(tree) = self.hosts.get(host)
        {
            match tree.find(path) {
                Found::Nothing => {}
                found => return found,
            }
        }
        self.any.find(path)
    }
}

impl Tree {
    fn mount(&mut self, api: &Arc<Api>) {
        let mut at = self;
        for segment in api.base_path.split('/').skip(1) {
            at = at.children.entry(segment.into()).or_default();
        }
        at.apis.push(Arc::clone(api));
    }

    fn find(&self, path: &str) -> Found<'_> {
        self.below(path, 0)
    }

    fn below(&self, path: &str, base: usize) -> Found<'_> {
        let rest = path.get(base..).unwrap_or_default();
        if !self.children.is_empty()
            && let Some(after) = rest.strip_prefix('/')
        {
            let segment = memchr::memchr(b'/', after.as_bytes()).and_then(|at| after.get(..at)).unwrap_or(after);
            if let Some(child) = self.children.get(segment) {
                match child.below(path, base + 1 + segment.len()) {
                    Found::Nothing => {}
                    found => return found,
                }
            }
        }
        let mut retired = None;
        for api in &self.apis {
            match api.serving {
                Serving::Retired(_) => retired = Some(api),
                Serving::Served(_) => {
                    if let Some((leaf, captures)) = api.router.find(rest) {
                        return Found::Leaf { api, leaf, captures, base };
                    }
                }
            }
        }
        retired.map_or(Found::Nothing, Found::Retired)
    }
}

impl Api {
    /// An operation by its place.
    pub fn operation(&self, place: u32) -> Option<&Operation> {
        self.operations.get(place as usize)
    }
}
