//! The risk questionnaire and what its answers say about a customer.

/// The questionnaire in force.
pub(crate) const QUESTIONNAIRE: &str = "RQ-2026-01";

/// A question; its options stand for 0, 1, 2 … points.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) id: &'static str,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    pub(crate) options: &'static [(&'static str, &'static str)],
}

/// Letters of the options.
pub(crate) const LETTERS: [&str; 5] = ["A", "B", "C", "D", "E"];

/// Whoever answers this with the first option can bear no loss, whatever else is said.
const LOSS: &str = "Q6";

pub(crate) const QUESTIONS: [Question; 6] = [
    Question {
        id: "Q1",
        zh: "您的家庭年收入（人民币）",
        en: "Your household's income a year (CNY)",
        options: &[
            ("10 万元以下", "Under 100,000"),
            ("10 至 30 万元", "100,000 to 300,000"),
            ("30 至 100 万元", "300,000 to 1,000,000"),
            ("100 万元以上", "Over 1,000,000"),
        ],
    },
    Question {
        id: "Q2",
        zh: "可用于投资的资产占家庭总资产的比例",
        en: "Part of your household's assets that can be invested",
        options: &[
            ("不超过 10%", "Up to 10 %"),
            ("10% 至 25%", "10 % to 25 %"),
            ("25% 至 50%", "25 % to 50 %"),
            ("50% 以上", "Over 50 %"),
        ],
    },
    Question {
        id: "Q3",
        zh: "您的投资经验",
        en: "Your experience",
        options: &[
            ("只有存款与国债", "Deposits and government bonds only"),
            ("债券基金、理财不足三年", "Bond funds or wealth products, under three years"),
            ("混合或股票基金一至五年", "Mixed or equity funds, one to five years"),
            ("股票、基金五年以上", "Equities and funds, over five years"),
            ("期货、期权等衍生品", "Futures, options and the like"),
        ],
    },
    Question {
        id: "Q4",
        zh: "您计划的投资期限",
        en: "For how long you mean to invest",
        options: &[
            ("半年以内", "Under half a year"),
            ("半年至一年", "Half a year to a year"),
            ("一至三年", "One to three years"),
            ("三年以上", "Over three years"),
        ],
    },
    Question {
        id: "Q5",
        zh: "您的投资目标",
        en: "What you invest for",
        options: &[
            ("保本，收益略高于存款", "Keeping what I have, a little over deposits"),
            ("稳定收益，接受小幅波动", "Steady income, small moves"),
            ("资产增值，接受较大波动", "Growth, larger moves"),
            ("高收益，接受大幅波动", "High returns, large moves"),
        ],
    },
    Question {
        id: LOSS,
        zh: "您能承受的最大本金损失",
        en: "The largest loss of principal you can bear",
        options: &[
            ("不能承受任何损失", "None at all"),
            ("5% 以内", "Up to 5 %"),
            ("5% 至 15%", "5 % to 15 %"),
            ("15% 至 40%", "15 % to 40 %"),
            ("40% 以上", "Over 40 %"),
        ],
    },
];

/// A place and a reason, for the caller.
pub(crate) type Mistake = (usize, &'static str);

/// Points out of 100 and level (1 to 5) of `answers`, pairs of question and option.
///
/// # Errors
/// Every answer that is none; `(answers.len(), …)` for questions left out.
pub(crate) fn assess(answers: &[(&str, &str)]) -> Result<(u8, u8), Vec<Mistake>> {
    let (mut mistakes, mut points, mut most, mut no_loss) = (Vec::new(), 0usize, 0usize, false);
    for (place, (question, _)) in answers.iter().enumerate() {
        if !QUESTIONS.iter().any(|known| known.id == *question) {
            mistakes.push((place, "names no question"));
        } else if answers.iter().take(place).any(|(before, _)| before == question) {
            mistakes.push((place, "answers a question again"));
        }
    }
    for question in &QUESTIONS {
        most += question.options.len() - 1;
        let Some((place, (_, option))) = answers.iter().enumerate().find(|(_, (id, _))| *id == question.id) else {
            mistakes.push((answers.len(), "leaves a question out"));
            continue;
        };
        match LETTERS.iter().take(question.options.len()).position(|letter| letter == option) {
            Some(point) => {
                points += point;
                no_loss |= question.id == LOSS && point == 0;
            }
            None => mistakes.push((place, "names no option of its question")),
        }
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let score = u8::try_from(points * 100 / most).unwrap_or(100);
    let level = match score {
        _ if no_loss => 1,
        0..=20 => 1,
        21..=40 => 2,
        41..=60 => 3,
        61..=80 => 4,
        _ => 5,
    };
    Ok((score, level))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(letters: [&'static str; 6]) -> Vec<(&'static str, &'static str)> {
        QUESTIONS.iter().map(|question| question.id).zip(letters).collect()
    }

    #[test]
    fn levels_follow_the_points_except_for_who_bears_no_loss() {
        assert_eq!(assess(&all(["A"; 6])), Ok((0, 1)));
        assert_eq!(assess(&all(["B"; 6])), Ok((30, 2)));
        assert_eq!(assess(&all(["C"; 6])), Ok((60, 3)));
        assert_eq!(assess(&all(["D"; 6])), Ok((90, 5)));
        assert_eq!(assess(&all(["C", "D", "D", "D", "C", "C"])), Ok((75, 4)));
        assert_eq!(assess(&all(["D", "D", "E", "D", "D", "A"])), Ok((80, 1)));
    }

    #[test]
    fn every_mistake_is_named() {
        let mut answers = all(["D", "E", "A", "A", "A", "A"]);
        answers.push(("Q1", "A"));
        answers.push(("Q9", "A"));
        answers.remove(2);
        let mistakes = assess(&answers).unwrap_err();
        assert_eq!(
            mistakes,
            [
                (5, "answers a question again"),
                (6, "names no question"),
                (1, "names no option of its question"),
                (7, "leaves a question out"),
            ]
        );
    }
}
