//! What may leave and reach a customer's account: whether it is open, its currency, its owner's identity, its limits. Every
//! room that moves customers' money asks here first and notes here what moved.

use crate::call::{Call, Refusal};
use crate::model::account::{BankAccount, Purpose, Standing};
use crate::model::class::within;
use crate::world::World;
use pano_ledger::AccountStatus;
use pano_types::id::AccountId;
use pano_types::{Code, Date, Money};

/// Which limits count for a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    /// None: the money stays with its owner, or goes back to where it came from.
    Nothing,
    /// Those of the account's class only.
    Class,
    /// Those of the class, and those of the owner for a payment and a day.
    All,
}

/// Which limits count for the payer and for the payee of a transfer between two accounts of customers.
pub(crate) fn between(debtor: &BankAccount, creditor: &BankAccount, counts: Counts) -> (Counts, Counts) {
    let own = debtor.owner.is_some() && debtor.owner == creditor.owner;
    let bound = own && (debtor.bound_to == Some(creditor.id) || creditor.bound_to == Some(debtor.id));
    if bound {
        return (Counts::Nothing, Counts::Nothing);
    }
    // Between accounts of one owner only classes II and III are limited.
    let leaving = if own && counts == Counts::All { Counts::Class } else { counts };
    (leaving, if counts == Counts::Nothing { Counts::Nothing } else { Counts::Class })
}

impl World {
    /// A customer's account that money can move on.
    ///
    /// # Errors
    /// `bank.account_not_found` at `at`.
    pub(crate) fn payable(&self, account: AccountId, at: &str) -> Result<Standing<'_>, Refusal> {
        let found = self.customers(account);
        let found = found.filter(|s| matches!(s.account.purpose, Purpose::Current | Purpose::Savings));
        found.ok_or_else(|| Refusal::from(Code::AccountNotFound).at(at, ("names no account", "没有对应的账户")))
    }

    /// A customer's current account, from which payments to others are made.
    ///
    /// # Errors
    /// `bank.account_not_found` at `at`.
    pub(crate) fn current(&self, account: AccountId, at: &str) -> Result<Standing<'_>, Refusal> {
        let found = self.payable(account, at)?;
        let refusal =
            || Refusal::from(Code::AccountNotFound).at(at, ("names no current account", "没有对应的活期账户"));
        if found.account.purpose == Purpose::Current { Ok(found) } else { Err(refusal()) }
    }

    /// Whether an amount may leave an account today. `at` is where the request names it.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub(crate) fn may_leave(&self, account: AccountId, amount: Money, counts: Counts, at: &str) -> Result<(), Refusal> {
        let standing = self.payable(account, at)?;
        if standing.ledger.status != AccountStatus::Open {
            return Err(Refusal::from(Code::AccountFrozen).at(at, ("gives nothing out", "该账户不可支出")));
        }
        same_currency(&standing, amount)?;
        if counts != Counts::Nothing {
            if let Some(owner) = standing.account.owner {
                self.identity_verified(owner)?;
            }
            self.leaving(&standing, amount, counts)?;
        }
        if amount.minor() > standing.spendable().minor() {
            return Err(Code::InsufficientFunds.into());
        }
        Ok(())
    }

    fn leaving(&self, standing: &Standing<'_>, amount: Money, counts: Counts) -> Result<(), Refusal> {
        let (account, currency, minor) = (standing.account, amount.currency(), amount.minor());
        let flow = self.flow(account.id, self.today());
        if counts == Counts::All || account.class.is_bound() {
            let limits = account.limits;
            within(Some(limits.payment_minor), 0, minor, currency, "per payment", "单笔")?;
            within(Some(limits.day_minor), flow.out_day_minor, minor, currency, "per day", "日累计")?;
        }
        self.class_rule(account.class).check_out(&flow, minor, currency)
    }

    /// Whether an amount may reach an account today.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub(crate) fn may_reach(&self, account: AccountId, amount: Money, counts: Counts, at: &str) -> Result<(), Refusal> {
        let standing = self.payable(account, at)?;
        if standing.ledger.status == AccountStatus::Closed {
            return Err(Refusal::from(Code::AccountFrozen).at(at, ("takes nothing in", "该账户不可入账")));
        }
        same_currency(&standing, amount)?;
        let (rule, currency, minor) = (self.class_rule(standing.account.class), amount.currency(), amount.minor());
        if counts != Counts::Nothing {
            rule.check_in(&self.flow(account, self.today()), minor, currency)?;
        }
        rule.check_balance(standing.balance.booked_minor, minor, currency)
    }

    /// Notes that payments took `minor` from an account on a day, or, when negative, gave it back.
    pub(crate) fn spend(&mut self, account: AccountId, day: Date, minor: i64) {
        let flow = self.flow(account, self.today()).out(day, minor);
        self.put(flow);
    }

    /// Notes that `minor` came in on a day; only classes that limit it keep count.
    pub(crate) fn receive(&mut self, account: AccountId, day: Date, minor: i64) {
        if self.get::<BankAccount>(&account).is_some_and(|account| account.class.is_bound()) {
            let flow = self.flow(account, day).taken_in(day, minor);
            self.put(flow);
        }
    }
}

fn same_currency(standing: &Standing<'_>, amount: Money) -> Result<(), Refusal> {
    let account = standing.ledger.currency;
    if account == amount.currency() {
        return Ok(());
    }
    let kept_in = (format!("the account is kept in {account}"), format!("该账户币种为 {account}"));
    Err(Refusal::from(Code::CurrencyMismatch).at("/amount/currency", kept_in))
}

impl Call<'_> {
    /// Takes an amount from a customer's account to one of the bank's own, within the limits that count.
    ///
    /// # Errors
    /// The rule that forbids it; nothing has changed then.
    pub(crate) fn take(
        &mut self,
        from: AccountId,
        to: AccountId,
        amount: Money,
        counts: Counts,
        note: Note<'_>,
    ) -> Moved {
        self.world.may_leave(from, amount, counts, note.at)?;
        let by = self.transfer(from, to, amount, note.narrative, note.about)?;
        if counts != Counts::Nothing {
            let today = self.today();
            self.world.spend(from, today, amount.minor());
        }
        Ok(by)
    }

    /// Gives an amount from one of the bank's own accounts to a customer's, within the limits that count.
    ///
    /// # Errors
    /// The rule that forbids it; nothing has changed then.
    pub(crate) fn give(
        &mut self,
        from: AccountId,
        to: AccountId,
        amount: Money,
        counts: Counts,
        note: Note<'_>,
    ) -> Moved {
        self.world.may_reach(to, amount, counts, note.at)?;
        let by = self.transfer(from, to, amount, note.narrative, note.about)?;
        if counts != Counts::Nothing {
            let today = self.today();
            self.world.receive(to, today, amount.minor());
        }
        Ok(by)
    }

    /// Moves an amount between two accounts of customers, within the limits that count.
    ///
    /// # Errors
    /// The rule that forbids it; nothing has changed then.
    pub(crate) fn between(
        &mut self,
        from: (AccountId, &str),
        to: (AccountId, &str),
        amount: Money,
        counts: Counts,
        narrative: String,
        about: &str,
    ) -> Moved {
        let (debtor, creditor) = (self.world.payable(from.0, from.1)?, self.world.payable(to.0, to.1)?);
        let (leaving, reaching) = between(debtor.account, creditor.account, counts);
        self.world.may_leave(from.0, amount, leaving, from.1)?;
        self.world.may_reach(to.0, amount, reaching, to.1)?;
        let by = self.transfer(from.0, to.0, amount, narrative, about)?;
        let today = self.today();
        if leaving != Counts::Nothing {
            self.world.spend(from.0, today, amount.minor());
        }
        if reaching != Counts::Nothing {
            self.world.receive(to.0, today, amount.minor());
        }
        Ok(by)
    }
}

/// What a movement came to: the transaction, or the rule that forbids it.
pub(crate) type Moved = Result<pano_types::id::TransactionId, Refusal>;

/// What is said of a movement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Note<'n> {
    /// What statements print.
    pub(crate) narrative: &'n str,
    /// Id of what it is for.
    pub(crate) about: &'n str,
    /// Where the request names the customer's account.
    pub(crate) at: &'n str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::account::Limits;
    use crate::model::class::{AccountClass, ClassRule};
    use crate::model::kyc::{Declared, Kyc, SourceOfFunds};
    use pano_types::id::PartyId;
    use pano_types::{Currency, Instant};
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::CNY)
    }

    /// Two owners; of the first a class I, II and III account, of the second a class I one. 100,000.00 on each of class I.
    fn bank() -> (World, [AccountId; 4]) {
        let mut world = World::new(Instant::parse("2026-03-02T02:00:00Z").unwrap());
        let today = world.today();
        let mut call = Call::of_the_bank(&mut world, 7);
        let owners = [call.id(PartyId::new), call.id(PartyId::new)];
        for owner in owners {
            let declared = Declared {
                identification_expires_on: today.plus_months(120),
                source_of_funds: SourceOfFunds::Salary,
                tax_residences: vec!["CN".to_owned()],
                politically_exposed: false,
            };
            call.world.put(Kyc::verified(owner, declared, today));
        }
        let mut open = |place: usize, class: AccountClass, bound_to| {
            let rule = call.world.class_rule(class);
            let id = call.id(AccountId::new);
            let account = BankAccount {
                id,
                purpose: Purpose::Current,
                number: id.to_string(),
                name: pano_types::Localized::new("户", "account"),
                owner: Some(owners[place]),
                class,
                bound_to,
                limits: Limits { payment_minor: rule.payment_minor, day_minor: rule.day_minor },
                opened_on: today,
            };
            call.open(account, Currency::CNY, Some(0)).unwrap();
            if class == AccountClass::I {
                let nostro = call.own(Purpose::Nostro, Currency::CNY).unwrap();
                call.transfer(nostro, id, cny(10_000_000), "存入", "seed").unwrap();
            }
            id
        };
        let full = open(0, AccountClass::I, None);
        let bound = [open(0, AccountClass::Ii, Some(full)), open(0, AccountClass::Iii, Some(full))];
        let other = open(1, AccountClass::I, None);
        world.keep().unwrap();
        (world, [full, bound[0], bound[1], other])
    }

    fn moved(world: &mut World, from: AccountId, to: AccountId, minor: i64) -> Result<(), Code> {
        let seed = 100 + world.book().transactions().len() as u64;
        let mut call = Call::of_the_bank(world, seed);
        let by = call.between((from, "/from"), (to, "/to"), cny(minor), Counts::All, String::new(), "test");
        by.map(|_| ()).map_err(|refusal| refusal.code().unwrap())
    }

    #[test]
    fn each_rule_has_its_code() {
        let (mut world, [full, two, three, other]) = bank();
        let nobody = Call::of_the_bank(&mut world, 3).own(Purpose::Nostro, Currency::CNY).unwrap();
        assert_eq!(moved(&mut world, full, other, 5_000_000), Ok(()), "all that a payment may carry");
        assert_eq!(moved(&mut world, full, other, 5_000_001), Err(Code::LimitExceeded));
        assert_eq!(moved(&mut world, other, full, 5_000_000), Ok(()));
        assert_eq!(moved(&mut world, full, three, 200_001), Err(Code::LimitExceeded), "more than class III may hold");
        assert_eq!(moved(&mut world, full, two, 9_000_000), Ok(()), "to the account that is bound no limit counts");
        assert_eq!(moved(&mut world, two, other, 1_000_001), Err(Code::LimitExceeded));
        assert_eq!(moved(&mut world, two, three, 200_001), Err(Code::LimitExceeded), "own, but not bound");
        assert_eq!(moved(&mut world, two, full, 9_000_001), Err(Code::InsufficientFunds));
        assert_eq!(moved(&mut world, nobody, full, 1), Err(Code::AccountNotFound), "the bank's own account");
        assert_eq!(moved(&mut world, full, nobody, 1), Err(Code::AccountNotFound));
        world.book_mut().set_status(other, AccountStatus::Frozen).unwrap();
        assert_eq!(moved(&mut world, other, full, 1), Err(Code::AccountFrozen));
        assert_eq!(moved(&mut world, full, other, 1), Ok(()), "a frozen account takes in");
        let dollars = Call::of_the_bank(&mut world, 4).between(
            (full, "/from"),
            (two, "/to"),
            Money::new(1, Currency::USD),
            Counts::All,
            String::new(),
            "test",
        );
        assert_eq!(dollars.unwrap_err().code(), Some(Code::CurrencyMismatch));
        let owner = world.get::<BankAccount>(&full).and_then(|account| account.owner).unwrap();
        world.edit::<Kyc>(&owner, |kyc| kyc.referred = true);
        assert_eq!(moved(&mut world, full, other, 1), Err(Code::KycRequired));
        assert_eq!(moved(&mut world, two, full, 1), Ok(()), "between bound accounts nothing leaves the owner");
    }

    #[test]
    fn a_bank_may_set_its_own_table() {
        let (mut world, [full, two, _, other]) = bank();
        let rule = ClassRule { year_minor: Some(100), ..world.class_rule(AccountClass::Ii) };
        world.put(rule);
        assert_eq!(moved(&mut world, full, two, 1_000), Ok(()));
        assert_eq!(moved(&mut world, two, other, 101), Err(Code::LimitExceeded));
        assert_eq!(moved(&mut world, two, other, 100), Ok(()));
    }

    proptest! {
        #[test]
        fn no_history_passes_a_limit(
            steps in prop::collection::vec((0usize..4, 0usize..4, 1i64..3_000_000, 0u32..3), 1..60),
        ) {
            let (mut world, accounts) = bank();
            let mut out_of_three = std::collections::BTreeMap::<Date, i64>::new();
            for (from, to, minor, days) in steps {
                let now = world.now().plus(std::time::Duration::from_secs(u64::from(days) * 43_200));
                world.set_now(now);
                if from == to {
                    continue;
                }
                let before = world.book().trial();
                match moved(&mut world, accounts[from], accounts[to], minor) {
                    Ok(()) if from == 2 && to != 0 => *out_of_three.entry(world.today()).or_default() += minor,
                    Ok(()) => {}
                    Err(_) => prop_assert_eq!(before, world.book().trial(), "what is refused changes nothing"),
                }
                let held = world.standing(accounts[2]).unwrap().balance.booked_minor;
                prop_assert!((0..=200_000).contains(&held), "class III holds {held}");
                prop_assert!(world.flow(accounts[1], world.today()).out_day_minor <= 1_000_000);
            }
            prop_assert!(out_of_three.values().all(|day| *day <= 200_000));
            prop_assert!(world.book().trial().is_balanced());
            prop_assert_eq!(world.book().discrepancies(), []);
        }
    }
}
