//! Product Directory: what the bank offers to the public.

mod catalogue;

use super::{Room, get};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::wire::{Listed, Money};
use catalogue::{Product, ProductClass, products};
use pano_types::{Code, Currency, Date, Localized};
use serde::{Deserialize, Serialize};

pub(crate) const ROOM: Room = Room {
    document: Document::new("product-directory", include_str!("../../openapi/product-directory.yaml")),
    operations: &[get("/products", "listProducts", list), get("/products/{productCode}", "retrieveProduct", retrieve)],
    kinds: &[],
    seed: None,
};

const LIST: &str = "products";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum CustomerType {
    Person,
    Organisation,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    product_code: String,
    product_class: ProductClass,
    name: Localized,
    description: Localized,
    currencies: Vec<Currency>,
    customer_types: Vec<CustomerType>,
    fees: Vec<FeeView>,
    available_from: Date,
}

#[derive(Debug, Serialize)]
struct FeeView {
    name: Localized,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<String>,
    per: &'static str,
}

impl Product {
    fn customer_types(&self) -> Vec<CustomerType> {
        let both = [(self.persons, CustomerType::Person), (self.organisations, CustomerType::Organisation)];
        both.into_iter().filter(|(offered, _)| *offered).map(|(_, kind)| kind).collect()
    }

    fn view(self) -> Result<View, Refusal> {
        let customer_types = self.customer_types();
        let fee = |fee: catalogue::Fee| FeeView {
            name: fee.name,
            amount: fee.minor.map(|minor| pano_types::Money::new(minor, Currency::CNY).into()),
            rate: fee.rate,
            per: fee.per,
        };
        Ok(View {
            product_code: self.code,
            product_class: self.class,
            name: self.name,
            description: self.about,
            currencies: self.currencies,
            customer_types,
            fees: self.fees.into_iter().map(fee).collect(),
            available_from: Date::parse(self.since).ok_or_else(|| Refusal::broken("a product's date is none"))?,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    product_class: Option<ProductClass>,
    customer_type: Option<CustomerType>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let wanted = |product: &Product| {
        query.product_class.is_none_or(|class| product.class == class)
            && query.customer_type.is_none_or(|kind| product.customer_types().contains(&kind))
    };
    let views: Vec<View> = products().into_iter().filter(wanted).map(Product::view).collect::<Result<_, _>>()?;
    Answer::ok(&Listed::ascending(LIST, &page, views.iter(), |view| view.product_code.clone(), |view| view))
}

fn retrieve(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let code = input.path("productCode");
    let product = products().into_iter().find(|product| product.code == code).ok_or(Code::NotFound)?;
    Answer::ok(&product.view()?)
}
