//! Figures of a column by plain sums: nothing of the product, nothing of the libraries that it uses.

use serde_json::Value;

/// The values of a column that are there, in order of size, and how many are missing.
pub(crate) struct Sums {
    values: Vec<f64>,
    missing: u64,
}

impl Sums {
    /// Of a CSV text without quotes, in which `NA` is missing; with a group only the rows of it.
    pub(crate) fn of(text: &str, column: &str, group: Option<(&str, &str)>) -> Self {
        let mut lines = text.lines();
        let header: Vec<_> = lines.next().expect("a header").split(',').collect();
        let at =
            |name: &str| header.iter().position(|it| *it == name).expect("the column is there");
        let mut sums = Self { values: Vec::new(), missing: 0 };
        for line in lines {
            let fields: Vec<_> = line.split(',').collect();
            if group.is_some_and(|(by, value)| fields[at(by)] != value) {
                continue;
            }
            match fields[at(column)] {
                "NA" => sums.missing += 1,
                number => sums.values.push(number.parse().expect("a number")),
            }
        }
        sums.values.sort_by(f64::total_cmp);
        sums
    }

    /// Compares every figure and answers how many there were.
    pub(crate) fn compare(&self, column: &Value) -> usize {
        let n = f64::from(u32::try_from(self.values.len()).unwrap());
        let mean = self.values.iter().sum::<f64>() / n;
        let squares: f64 = self.values.iter().map(|value| (value - mean).powi(2)).sum();
        let figures = [
            ("mean", mean),
            ("std", (squares / (n - 1.0)).sqrt()),
            ("q25", self.quantile(0.25)),
            ("median", self.quantile(0.5)),
            ("q75", self.quantile(0.75)),
        ];
        for (name, wanted) in figures {
            let found = column[name].as_f64().unwrap_or(f64::NAN);
            let holds = (found - wanted).abs() <= 1e-9 * wanted.abs();
            assert!(holds, "{} {name} is {found}, not {wanted}", column["name"]);
        }
        assert_eq!(column["count"], self.values.len(), "{}", column["name"]);
        assert_eq!(column["missing"], self.missing, "{}", column["name"]);
        figures.len() + 2
    }

    /// Linear between the two values around the place.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        clippy::as_conversions,
        reason = "a place in a short list"
    )]
    fn quantile(&self, share: f64) -> f64 {
        let place = share * (self.values.len() - 1) as f64;
        let (below, above) = (place.floor() as usize, place.ceil() as usize);
        let (a, b) = (self.values[below], self.values[above]);
        a + (b - a) * (place - place.floor())
    }
}
