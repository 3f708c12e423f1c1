//! The grammar of `journey/v1`: which keys stand where, in which order, in which form. One table ([`table::JOURNEY`]) from which the
//! reader's checks ([`conform`]), the published JSON Schema ([`schema`]) and the formatter's order and layout all come.

mod conform;
mod form;
mod schema;
pub(crate) mod table;

pub use conform::conform;
pub(crate) use conform::takes;
pub use form::Form;
pub use schema::schema;

/// What may stand at a place.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A text of some form.
    Text(Form),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// True or false.
    Bool,
    /// A whole number from 0.
    Count,
    /// A number from 0.
    Amount,
    /// A list of at least one.
    List(&'static Shape, Layout),
    /// A map from names of some form.
    Map(Form, &'static Shape, Layout),
    /// A map with known keys.
    Record(&'static Record),
    /// Whichever fits the kind of value found.
    Either(&'static [Shape]),
}

/// How a list or map is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One member a line, always.
    Block,
    /// On one line when that fits and holds no comment.
    Fit,
}

/// A map with known keys.
#[derive(Debug)]
pub struct Record {
    /// What it describes, in one line.
    pub about: &'static str,
    /// Its keys, in the order they are written.
    pub fields: &'static [Field],
    /// How it is written.
    pub layout: Layout,
}

/// A key of a record.
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What stands there.
    pub shape: Shape,
    /// What it means, in one line.
    pub about: &'static str,
}

impl Record {
    /// The field of `key`.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}
