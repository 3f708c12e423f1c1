use super::*;

fn signs(writes: bool, words: &str, schemas: &str) -> Signs {
    Signs { writes, words: set(words), schema_words: set(schemas) }
}

#[test]
fn the_default_table_is_sound_and_grades_what_we_know() {
    let table = CategoryTable::default();
    table.check().unwrap();
    for (writes, words, schemas, category, class, level) in [
        (false, "accounts balances", "", "account_query", DataClass::C2, ApiLevel::A2),
        (false, "products rates", "", "public_information", DataClass::C1, ApiLevel::A1),
        (false, "account products", "", "account_query", DataClass::C2, ApiLevel::A2),
        (true, "payments domestic", "", "free_fund_flow", DataClass::C2, ApiLevel::A2),
        (true, "deposit", "", "limited_fund_flow", DataClass::C2, ApiLevel::A2),
        (true, "consumer loan", "", "credit_guarantee", DataClass::C2, ApiLevel::A2),
        (true, "customer address", "", "information_maintenance", DataClass::C2, ApiLevel::A2),
        (true, "password reset", "", "identity_signing", DataClass::C3, ApiLevel::A2),
        (false, "system load", "", "business_support", DataClass::C1, ApiLevel::A1),
        (false, "system load", "pin", "business_support", DataClass::C3, ApiLevel::A2),
        (false, "", "", "business_support", DataClass::C1, ApiLevel::A1),
        (true, "", "", "business_support", DataClass::C2, ApiLevel::A2),
        (true, "客户账户转账付款", "", "free_fund_flow", DataClass::C2, ApiLevel::A2),
        (true, "客户账户转账付款", "登录密码", "free_fund_flow", DataClass::C3, ApiLevel::A2),
        (true, "个人贷款申请", "", "credit_guarantee", DataClass::C2, ApiLevel::A2),
        (true, "基金申购", "", "limited_fund_flow", DataClass::C2, ApiLevel::A2),
        (false, "账户余额查询", "", "account_query", DataClass::C2, ApiLevel::A2),
        (false, "网点查询", "", "public_information", DataClass::C1, ApiLevel::A1),
        (false, "理财产品列表", "客户姓名", "public_information", DataClass::C1, ApiLevel::A1),
        (true, "人脸识别认证", "", "identity_signing", DataClass::C3, ApiLevel::A2),
    ] {
        let grade = table.propose(&signs(writes, words, schemas)).unwrap();
        assert_eq!((grade.category.as_str(), grade.data_class), (category, class), "{words:?} {schemas:?}");
        assert_eq!(table.level_of(&grade), level, "{words:?}");
    }
}

#[test]
fn a_version_has_the_level_of_its_gravest_operation() {
    let table = CategoryTable::default();
    let grade = |code: &str, data_class| Grade { category: CategoryCode::new(code), data_class };
    let public = grade("public_information", DataClass::C1);
    assert_eq!(table.level([]), ApiLevel::A1);
    assert_eq!(table.level([&public]), ApiLevel::A1);
    assert_eq!(table.level([&public, &grade("free_fund_flow", DataClass::C1)]), ApiLevel::A2, "funds alone are enough");
    assert_eq!(table.level([&public, &grade("business_support", DataClass::C3)]), ApiLevel::A2, "data alone is enough");
}

#[test]
fn unsound_tables_are_refused() {
    let mut twice = CategoryTable::default();
    twice.categories.push(twice.categories[0].clone());
    assert!(matches!(twice.check(), Err(TableError::Twice(_))));
    let mut unknown = CategoryTable::default();
    unknown.rules[0].category = CategoryCode::new("nonsense");
    assert!(matches!(unknown.check(), Err(TableError::Unknown(_))));
    let mut open = CategoryTable::default();
    open.rules.pop();
    assert_eq!(open.check(), Err(TableError::NoLast(false)));
    let json = r#"{"categories":[],"rules":[],"c2_words":[],"c3_words":[],"extra":1}"#;
    assert!(serde_json::from_str::<CategoryTable>(json).is_err(), "unknown keys are refused");
}
