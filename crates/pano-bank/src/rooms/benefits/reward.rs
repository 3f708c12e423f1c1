//! What points can be redeemed for. All providers are made up.

use pano_types::Localized;
use serde::Serialize;

/// A reward.
#[derive(Debug)]
pub(super) struct Reward {
    pub(super) code: &'static str,
    zh: &'static str,
    en: &'static str,
    provider_zh: &'static str,
    provider_en: &'static str,
    pub(super) points: i64,
}

const fn reward(
    code: &'static str,
    (zh, en): (&'static str, &'static str),
    (provider_zh, provider_en): (&'static str, &'static str),
    points: i64,
) -> Reward {
    Reward { code, zh, en, provider_zh, provider_en, points }
}

/// By code.
pub(super) const REWARDS: &[Reward] = &[
    reward("AIRPORT-LOUNGE", ("机场贵宾厅一次", "Airport lounge, one visit"), ("示例出行", "Example Travel"), 6_000),
    reward("COFFEE-30", ("30 元咖啡券", "Coffee voucher, CNY 30"), ("示例咖啡", "Example Coffee"), 300),
    reward("MOVIE-2D", ("2D 电影票一张", "Cinema ticket, 2D"), ("示例影院", "Example Cinema"), 450),
    reward("PHONE-50", ("50 元话费", "Telephone credit, CNY 50"), ("示例通信", "Example Telecom"), 500),
    reward("PROPERTY-100", ("100 元物业费抵扣", "Property fee, CNY 100 off"), ("示例物业", "Example Property"), 1_000),
];

pub(super) fn by_code(code: &str) -> Option<&'static Reward> {
    REWARDS.iter().find(|reward| reward.code == code)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RewardView {
    reward_code: &'static str,
    name: Localized,
    provider: Localized,
    points: i64,
}

impl From<&Reward> for RewardView {
    fn from(reward: &Reward) -> Self {
        Self {
            reward_code: reward.code,
            name: Localized::new(reward.zh, reward.en),
            provider: Localized::new(reward.provider_zh, reward.provider_en),
            points: reward.points,
        }
    }
}
