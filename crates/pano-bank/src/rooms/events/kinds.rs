//! The types of events that the sandbox emits, as partners choose from them.

/// Type, what it tells of in Chinese and English; by type.
pub(super) const EVENTS: &[(&str, &str, &str)] = &[
    ("bank.account.amount-held", "账户金额已冻结", "An amount of an account was held"),
    ("bank.account.hold-released", "账户冻结金额已解冻", "A held amount was released"),
    ("bank.account.limits-changed", "账户限额已变更", "Limits of an account were changed"),
    ("bank.account.opened", "账户已开立", "An account was opened"),
    ("bank.card.purchase-booked", "刷卡消费已入账", "A purchase with a card was booked"),
    ("bank.card.repaid", "信用卡已还款", "A credit card was repaid"),
    ("bank.card.status-changed", "银行卡已冻结或解冻", "A card was frozen or unfrozen"),
    ("bank.deposit.matured", "定期存款已到期", "A term deposit matured"),
    ("bank.deposit.opened", "定期存款已开立", "A term deposit was opened"),
    ("bank.deposit.withdrawn", "定期存款已支取", "A term deposit was withdrawn"),
    ("bank.document.signed", "文件已签名", "A document was signed"),
    ("bank.escrow.condition-fulfilled", "监管条件已满足", "A condition of an escrow was fulfilled"),
    ("bank.escrow.created", "监管账户已建立", "An escrow was created"),
    ("bank.escrow.funded", "监管资金已到账", "An escrow was funded"),
    ("bank.escrow.released", "监管资金已释放", "Money of an escrow was released"),
    ("bank.escrow.returned", "监管资金已退回", "Money of an escrow was returned"),
    ("bank.exchange.settled", "外汇兑换已交割", "An exchange was settled"),
    ("bank.instalment-plan.begun", "账单分期已建立", "An instalment plan began"),
    ("bank.instalment-plan.billed", "分期已入账单", "An instalment was billed"),
    ("bank.insurance-policy.cancelled", "保单已退保", "An insurance policy was cancelled"),
    ("bank.insurance-policy.concluded", "保单已承保", "An insurance policy was concluded"),
    ("bank.investment.cancelled", "投资指令已撤销", "An investment order was cancelled"),
    ("bank.investment.confirmed", "投资指令已确认", "An investment order was confirmed"),
    ("bank.investment.ordered", "投资指令已受理", "An investment was ordered"),
    ("bank.investor.assessed", "投资者风险已评估", "An investor's risk was assessed"),
    ("bank.loan.agreed", "贷款合同已签订", "A loan was agreed"),
    ("bank.loan.approved", "贷款申请已批准", "A loan was approved"),
    ("bank.loan.declined", "贷款申请已拒绝", "A loan was declined"),
    ("bank.loan.drawn", "贷款已提款", "A loan was drawn"),
    ("bank.loan.overdue", "贷款已逾期", "A loan is overdue"),
    ("bank.loan.settled", "贷款已结清", "A loan was settled"),
    ("bank.mandate.signed", "扣款协议已签订", "A mandate was signed"),
    ("bank.mandate.terminated", "扣款协议已终止", "A mandate was terminated"),
    ("bank.merchant-order.closed", "商户订单已关闭", "A merchant's order was closed"),
    ("bank.merchant-order.created", "商户订单已创建", "A merchant's order was created"),
    ("bank.merchant-order.paid", "商户订单已支付", "A merchant's order was paid"),
    ("bank.merchant-order.refunded", "商户订单已退款", "A merchant's order was refunded"),
    ("bank.merchant.settled", "商户资金已结算", "A merchant's takings were settled"),
    ("bank.party.kyc-reviewed", "客户身份审核已完成", "A customer's identification was reviewed"),
    ("bank.payee.registered", "收款人已登记", "A payee was registered"),
    ("bank.payee.removed", "收款人已删除", "A payee was removed"),
    ("bank.payment-batch.cancelled", "批量支付已撤销", "A batch of payments was cancelled"),
    ("bank.payment-batch.completed", "批量支付已处理完毕", "A batch of payments was completed"),
    ("bank.payment-batch.received", "批量支付已接收", "A batch of payments was received"),
    ("bank.payment.accepted", "支付已受理", "A payment was accepted"),
    ("bank.payment.cancelled", "支付已撤销", "A payment was cancelled"),
    ("bank.payment.refunded", "支付已退款", "A payment was refunded"),
    ("bank.payment.rejected", "支付已退回", "A payment was rejected"),
    ("bank.payment.settled", "支付已入账", "A payment was settled"),
    ("bank.points.earned", "积分已获取", "Points were earned"),
    ("bank.points.lapsed", "积分已失效", "Points lapsed"),
    ("bank.points.redeemed", "积分已兑换", "Points were redeemed"),
    ("bank.receivable.confirmed", "应收账款已确认", "A receivable was confirmed"),
    ("bank.receivable.financed", "应收账款已融资", "A receivable was financed"),
    ("bank.receivable.overdue", "应收账款已逾期", "A receivable is overdue"),
    ("bank.receivable.registered", "应收账款已登记", "A receivable was registered"),
    ("bank.receivable.rejected", "应收账款已拒绝", "A receivable was rejected"),
    ("bank.receivable.settled", "应收账款已结清", "A receivable was settled"),
    ("bank.remittance.accepted", "汇出汇款已受理", "A remittance was accepted"),
    ("bank.remittance.cancelled", "汇出汇款已撤销", "A remittance was cancelled"),
    ("bank.remittance.settled", "汇出汇款已汇出", "A remittance was settled"),
    ("bank.request-to-pay.cancelled", "收款请求已撤销", "A request to pay was cancelled"),
    ("bank.request-to-pay.created", "收款请求已创建", "A request to pay was created"),
    ("bank.request-to-pay.declined", "收款请求已拒绝", "A request to pay was declined"),
    ("bank.request-to-pay.expired", "收款请求已过期", "A request to pay expired"),
    ("bank.request-to-pay.paid", "收款请求已付款", "A request to pay was paid"),
    ("bank.savings.interest-paid", "储蓄利息已入账", "Interest on savings was paid"),
    ("bank.savings.moved", "储蓄已转入或转出", "Savings were moved"),
    ("bank.savings.opened", "储蓄账户已开立", "A savings account was opened"),
    ("bank.standing-order.changed", "定期转账已变更", "A standing order was changed"),
    ("bank.standing-order.completed", "定期转账已全部完成", "A standing order was completed"),
    ("bank.standing-order.created", "定期转账已建立", "A standing order was created"),
    ("bank.standing-order.failed", "定期转账扣款失败", "A payment of a standing order failed"),
    ("bank.standing-order.paid", "定期转账已付款", "A payment of a standing order was made"),
    ("bank.standing-order.suspended", "定期转账已中止", "A standing order was suspended"),
    ("bank.standing-order.terminated", "定期转账已终止", "A standing order was terminated"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::Code;
    use std::path::Path;

    /// Every text in `folder`, outside of this file, that begins as a type of event does and is no code of a problem.
    fn mentioned(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                mentioned(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("events/kinds.rs")
            {
                let source = std::fs::read_to_string(&path).unwrap();
                let texts = source.split("\"bank.").skip(1).filter_map(|rest| rest.split_once('"'));
                let texts = texts.map(|(text, _)| format!("bank.{text}"));
                found.extend(texts.filter(|text| Code::from_text(text).is_none() && text != super::super::TEST));
            }
        }
    }

    #[test]
    fn every_event_can_be_chosen() {
        assert!(EVENTS.windows(2).all(|pair| pair[0].0 < pair[1].0), "lists are by type");
        let mut found = Vec::new();
        mentioned(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rooms"), &mut found);
        for kind in &found {
            let known = EVENTS.iter().any(|(known, ..)| known == kind);
            assert!(known, "{kind} is emitted: say what it tells of in this table");
        }
        for (kind, ..) in EVENTS {
            assert!(found.iter().any(|found| found == kind), "{kind} is listed but never emitted");
        }
    }
}
