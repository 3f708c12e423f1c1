//! Who the sandbox's customers are. All invented.

use crate::model::account::Limits;
use crate::model::party::PartyKind;
use pano_ledger::AccountStatus;
use pano_types::Currency;

/// A customer before it has numbers.
#[derive(Debug)]
pub(super) struct Character {
    pub(super) kind: PartyKind,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) mail: &'static str,
    pub(super) occupation: (&'static str, &'static str),
    pub(super) born: &'static str,
    pub(super) since: &'static str,
    pub(super) accounts: &'static [Opening],
    /// Monthly income and expense, in the first account: narrative, minor units (positive: in), day of the month.
    pub(super) months: &'static [(&'static str, i64, i32)],
}

/// An account before it has a number.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) currency: Currency,
    pub(super) minor: i64,
    pub(super) overdraft_minor: i64,
    pub(super) status: AccountStatus,
    pub(super) limits: Limits,
}

/// 50,000.00 a payment and 200,000.00 a day, as for a class I account with a certificate.
const fn personal(currency: Currency, minor: i64) -> Opening {
    Opening {
        currency,
        minor,
        overdraft_minor: 0,
        status: AccountStatus::Open,
        limits: Limits { payment_minor: 5_000_000, day_minor: 20_000_000 },
    }
}

/// 5,000,000.00 a payment and 20,000,000.00 a day.
const fn business(currency: Currency, minor: i64, overdraft_minor: i64) -> Opening {
    Opening {
        currency,
        minor,
        overdraft_minor,
        status: AccountStatus::Open,
        limits: Limits { payment_minor: 500_000_000, day_minor: 2_000_000_000 },
    }
}

const SALARY: &[(&str, i64, i32)] =
    &[("工资 Salary", 1_850_000, 9), ("房租 Rent", -520_000, 4), ("水电燃气 Utilities", -36_840, 14)];
const PENSION: &[(&str, i64, i32)] = &[("养老金 Pension", 620_000, 14), ("医药费 Pharmacy", -41_250, 19)];
const TRADE: &[(&str, i64, i32)] =
    &[("货款 Sales", 68_000_000, 11), ("采购 Purchases", -41_500_000, 17), ("代发工资 Payroll", -15_600_000, 24)];
const SHOP: &[(&str, i64, i32)] = &[("收单结算 Card takings", 4_380_000, 2), ("食材 Supplies", -1_960_000, 6)];

const LIN_XIAOYU: Character = Character {
    kind: PartyKind::Person,
    zh: "林晓雨",
    en: "Lin Xiaoyu",
    mail: "lin.xiaoyu",
    occupation: ("教师", "Teacher"),
    born: "1992-03-15",
    since: "2019-06-03",
    accounts: &[personal(Currency::CNY, 8_642_350), personal(Currency::USD, 320_000)],
    months: SALARY,
};
const WANG_JIANGUO: Character = Character {
    kind: PartyKind::Person,
    zh: "王建国",
    en: "Wang Jianguo",
    mail: "wang.jianguo",
    occupation: ("退休", "Retired"),
    born: "1956-10-01",
    since: "2008-01-21",
    accounts: &[personal(Currency::CNY, 26_300_000)],
    months: PENSION,
};
const CHEN_MEILING: Character = Character {
    kind: PartyKind::Person,
    zh: "陈美玲",
    en: "Chen Meiling",
    mail: "chen.meiling",
    occupation: ("软件工程师", "Software engineer"),
    born: "1988-07-22",
    since: "2015-09-14",
    accounts: &[
        personal(Currency::CNY, 15_780_000),
        personal(Currency::HKD, 2_400_000),
        personal(Currency::EUR, 156_000),
    ],
    months: SALARY,
};
const ZHAO_YIMING: Character = Character {
    kind: PartyKind::Person,
    zh: "赵一鸣",
    en: "Zhao Yiming",
    mail: "zhao.yiming",
    occupation: ("学生", "Student"),
    born: "2004-11-30",
    since: "2022-08-29",
    // A class II account: small limits.
    accounts: &[Opening {
        currency: Currency::CNY,
        minor: 68_420,
        overdraft_minor: 0,
        status: AccountStatus::Open,
        limits: Limits { payment_minor: 100_000, day_minor: 300_000 },
    }],
    months: &[("生活费 Allowance", 200_000, 0), ("食堂 Canteen", -98_000, 20)],
};
const LIU_SIYUAN: Character = Character {
    kind: PartyKind::Person,
    zh: "刘思远",
    en: "Liu Siyuan",
    mail: "liu.siyuan",
    occupation: ("设计师", "Designer"),
    born: "1990-01-08",
    since: "2017-03-06",
    // Frozen: takes in, gives nothing out.
    accounts: &[Opening {
        currency: Currency::CNY,
        minor: 1_250_000,
        overdraft_minor: 0,
        status: AccountStatus::Frozen,
        limits: Limits { payment_minor: 5_000_000, day_minor: 20_000_000 },
    }],
    months: &[],
};
const LAO_ZHOU: Character = Character {
    kind: PartyKind::Organisation,
    zh: "老周面馆",
    en: "Lao Zhou Noodle House",
    mail: "laozhou",
    occupation: ("个体餐饮", "Sole trader, catering"),
    born: "2014-05-18",
    since: "2014-06-01",
    accounts: &[business(Currency::CNY, 9_860_000, 0)],
    months: SHOP,
};
const PRECISION: Character = Character {
    kind: PartyKind::Organisation,
    zh: "示例精密制造有限公司",
    en: "Example Precision Manufacturing Co., Ltd.",
    mail: "precision",
    occupation: ("通用设备制造", "General machinery"),
    born: "2009-04-12",
    since: "2010-02-08",
    accounts: &[business(Currency::CNY, 186_400_000, 50_000_000)],
    months: TRADE,
};
const OCEAN: Character = Character {
    kind: PartyKind::Organisation,
    zh: "示例远洋贸易有限公司",
    en: "Example Ocean Trading Co., Ltd.",
    mail: "ocean",
    occupation: ("进出口贸易", "Import and export"),
    born: "2012-09-03",
    since: "2013-01-15",
    accounts: &[
        business(Currency::CNY, 92_700_000, 0),
        business(Currency::USD, 48_000_000, 0),
        business(Currency::EUR, 21_500_000, 0),
        business(Currency::HKD, 65_000_000, 0),
    ],
    months: TRADE,
};
const CHEN_XIAOBAO: Character = Character {
    kind: PartyKind::Person,
    zh: "陈小宝",
    en: "Chen Xiaobao",
    mail: "chen.xiaobao",
    occupation: ("小学生", "Pupil"),
    born: "2016-06-01",
    since: "2024-06-03",
    accounts: &[Opening {
        currency: Currency::CNY,
        minor: 320_000,
        overdraft_minor: 0,
        status: AccountStatus::Open,
        limits: Limits { payment_minor: 20_000, day_minor: 50_000 },
    }],
    months: &[("零花钱 Pocket money", 20_000, 0)],
};
const CHEN_HAO: Character = Character {
    kind: PartyKind::Person,
    zh: "陈浩",
    en: "Chen Hao",
    mail: "chen.hao",
    occupation: ("项目经理", "Project manager"),
    born: "1986-02-17",
    since: "2015-09-14",
    accounts: &[personal(Currency::CNY, 11_260_000)],
    months: &[("工资 Salary", 2_430_000, 9), ("房贷 Mortgage", -980_000, 19), ("学费 School fees", -320_000, 1)],
};
const ZHOU_DAFU: Character = Character {
    kind: PartyKind::Person,
    zh: "周大富",
    en: "Zhou Dafu",
    mail: "zhou.dafu",
    occupation: ("面馆业主", "Owner of a noodle house"),
    born: "1974-08-19",
    since: "2013-11-04",
    accounts: &[personal(Currency::CNY, 4_175_000)],
    months: &[("经营收入 Drawings", 900_000, 27), ("房租 Rent", -310_000, 4)],
};
const STEEL: Character = Character {
    kind: PartyKind::Organisation,
    zh: "示例特钢材料有限公司",
    en: "Example Special Steel Co., Ltd.",
    mail: "steel",
    occupation: ("金属材料供应", "Metal supply"),
    born: "2011-03-22",
    since: "2012-05-07",
    accounts: &[business(Currency::CNY, 38_200_000, 0)],
    months: &[("货款 Sales", 41_500_000, 17), ("采购 Purchases", -33_700_000, 21)],
};
const MACHINES: Character = Character {
    kind: PartyKind::Organisation,
    zh: "示例重型装备集团有限公司",
    en: "Example Heavy Machines Group Co., Ltd.",
    mail: "machines",
    occupation: ("重型装备制造", "Heavy machinery"),
    born: "1998-10-12",
    since: "2009-07-20",
    accounts: &[business(Currency::CNY, 1_264_000_000, 0)],
    months: &[("货款 Sales", 312_000_000, 6), ("采购 Purchases", -68_000_000, 11)],
};

pub(super) const EVERYONE: &[Character] =
    &[LIN_XIAOYU, WANG_JIANGUO, CHEN_MEILING, ZHAO_YIMING, LIU_SIYUAN, LAO_ZHOU, PRECISION, OCEAN];
pub(super) const PRIVATE_PERSON: &[Character] = &[LIN_XIAOYU];
pub(super) const FAMILY: &[Character] = &[CHEN_MEILING, CHEN_HAO, CHEN_XIAOBAO, WANG_JIANGUO];
pub(super) const SOLE_TRADER: &[Character] = &[ZHOU_DAFU, LAO_ZHOU];
pub(super) const SME_SUPPLY_CHAIN: &[Character] = &[PRECISION, STEEL, MACHINES];
pub(super) const EXPORTER: &[Character] = &[OCEAN];
