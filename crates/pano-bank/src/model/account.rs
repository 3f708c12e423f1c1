//! Accounts as the bank knows them. Their balances, status and entries are the ledger's: see [`Standing`].

use crate::model::class::AccountClass;
use crate::seed::number;
use crate::world::{Entity, World};
use pano_ledger::{Account, AccountKind, Balance};
use pano_types::id::{AccountId, PartyId};
use pano_types::{Currency, Date, Localized, Money};
use serde::{Deserialize, Serialize};

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// A customer's current account.
    Current,
    /// A customer's demand savings.
    Savings,
    /// What a credit card draws on; below zero by what is owed. Reached through the card only.
    CreditCard,
    /// Of the insurer that offers its products through the bank.
    Insurer,
    /// Cash and balances at the central bank and correspondents. The bank's own, as all below.
    Nostro,
    /// Payments on their way to and from other banks.
    Clearing,
    /// Money under supervision until it is released. The bank's own, so that neither side can use it.
    Escrow,
    /// What merchants have taken and not been paid.
    MerchantPayable,
    /// Interest that the bank pays.
    InterestExpense,
    /// Interest that the bank earns.
    InterestIncome,
    /// Fees.
    FeeIncome,
    /// What the bank holds of a currency from exchanging it.
    FxPosition,
    /// What cannot be booked elsewhere yet.
    Suspense,
    /// Customers' deposits for a term.
    TermDeposits,
    /// Money of customers on its way into funds and out of them.
    FundSettlement,
    /// Remittances that have not left for abroad.
    Remittances,
    /// Loans to customers.
    Loans,
    /// Receivables that the bank has financed.
    Factoring,
}

impl Purpose {
    /// On which side of the bank's balance sheet it stands.
    pub(crate) const fn kind(self) -> AccountKind {
        match self {
            Self::Current
            | Self::Savings
            | Self::CreditCard
            | Self::Insurer
            | Self::Clearing
            | Self::Escrow
            | Self::MerchantPayable
            | Self::Suspense
            | Self::TermDeposits
            | Self::FundSettlement
            | Self::Remittances => AccountKind::Liability,
            Self::Nostro | Self::FxPosition | Self::Loans | Self::Factoring => AccountKind::Asset,
            Self::InterestExpense => AccountKind::Expense,
            Self::InterestIncome | Self::FeeIncome => AccountKind::Income,
        }
    }

    fn name(self) -> Localized {
        let (zh, en) = match self {
            Self::Current => ("活期", "Current"),
            Self::Savings => ("活期储蓄", "Savings"),
            Self::Escrow => ("资金监管", "Escrow"),
            Self::MerchantPayable => ("应付商户款", "Payable to merchants"),
            Self::CreditCard => ("信用卡账户", "Credit card account"),
            Self::Insurer => ("保险公司结算户", "Insurer's account"),
            Self::Nostro => ("存放央行及同业", "Balances with other banks"),
            Self::Clearing => ("清算过渡", "Clearing"),
            Self::InterestExpense => ("利息支出", "Interest paid"),
            Self::InterestIncome => ("利息收入", "Interest earned"),
            Self::FeeIncome => ("手续费收入", "Fees earned"),
            Self::FxPosition => ("外汇敞口", "Foreign exchange position"),
            Self::Suspense => ("待查挂账", "Suspense"),
            Self::TermDeposits => ("定期存款", "Term deposits"),
            Self::FundSettlement => ("基金清算", "Fund settlement"),
            Self::Remittances => ("待汇出汇款", "Outgoing remittances"),
            Self::Loans => ("发放贷款", "Loans"),
            Self::Factoring => ("保理融资", "Receivables financed"),
        };
        Localized::new(zh, en)
    }
}

/// What may leave an account by payments, minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// Most in one payment.
    pub(crate) payment_minor: i64,
    /// Most in one booking day.
    pub(crate) day_minor: i64,
}

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BankAccount {
    pub(crate) id: AccountId,
    pub(crate) purpose: Purpose,
    /// The number that people write on transfers. C2.
    pub(crate) number: String,
    /// What it is called on screens.
    pub(crate) name: Localized,
    /// Whose it is; none: the bank's own.
    pub(crate) owner: Option<PartyId>,
    #[serde(default)]
    pub(crate) class: AccountClass,
    /// The account that one of class II or III is bound to, when that is with this bank.
    #[serde(default)]
    pub(crate) bound_to: Option<AccountId>,
    pub(crate) limits: Limits,
    pub(crate) opened_on: Date,
}

impl BankAccount {
    /// An account of the bank itself. Its number says what it is and is none that people could pay to.
    pub(crate) fn own(id: AccountId, purpose: Purpose, currency: Currency, opened_on: Date) -> Self {
        let number = number::own_account(purpose, currency);
        Self {
            id,
            purpose,
            number,
            name: purpose.name(),
            owner: None,
            class: AccountClass::Business,
            bound_to: None,
            limits: Limits::default(),
            opened_on,
        }
    }
}

impl Entity for BankAccount {
    const KIND: &'static str = "account";
    type Id = AccountId;
    fn id(&self) -> AccountId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put("number", self.number.clone());
        if let Some(owner) = self.owner {
            put("owner", owner.to_string());
        }
    }
}

/// An account and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing<'w> {
    pub(crate) account: &'w BankAccount,
    pub(crate) ledger: Account,
    pub(crate) balance: Balance,
}

impl Standing<'_> {
    /// Booked balance.
    pub(crate) const fn booked(&self) -> Money {
        self.ledger.booked(self.balance)
    }
    /// What may still be spent.
    pub(crate) const fn spendable(&self) -> Money {
        self.ledger.spendable(self.balance)
    }
}

impl World {
    /// An account and where it stands.
    pub(crate) fn standing(&self, id: AccountId) -> Option<Standing<'_>> {
        let account = self.get::<BankAccount>(&id)?;
        let (ledger, balance) = self.book().account(id)?;
        Some(Standing { account, ledger, balance })
    }

    /// The same, if it is a customer's. The bank's own accounts are nobody's business.
    pub(crate) fn customers(&self, id: AccountId) -> Option<Standing<'_>> {
        self.standing(id).filter(|standing| standing.account.owner.is_some())
    }

    /// Customers' accounts, by id.
    pub(crate) fn customers_accounts(&self) -> impl DoubleEndedIterator<Item = Standing<'_>> {
        self.all::<BankAccount>().filter(|account| account.owner.is_some()).filter_map(|a| self.standing(a.id))
    }

    /// The account with this number.
    pub(crate) fn numbered(&self, number: &str) -> Option<Standing<'_>> {
        self.standing(self.under::<BankAccount>("number", number).next()?.id)
    }

    /// The bank's own account for a purpose in a currency, if it has been needed before.
    pub(crate) fn own_account(&self, purpose: Purpose, currency: Currency) -> Option<AccountId> {
        let number = number::own_account(purpose, currency);
        self.under::<BankAccount>("number", &number).next().map(|account| account.id)
    }
}
