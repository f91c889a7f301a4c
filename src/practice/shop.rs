//! The shop of the practice world as data: what a release does with the orders that it finds.
//!
//! Pure: text in, answers out. A release that reads another schema than the data has, finds
//! orders without a price, or starts on a cache of another schema, is failing, and says why.

use std::fmt::Write as _;

/// What the checked-out release says about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Conf {
    /// `2.5.0`.
    pub version: String,
    /// The schema that it reads.
    pub schema: u32,
    /// How long one order takes, in milliseconds.
    pub lookup_ms: u64,
}

impl Conf {
    /// Reads `service.conf`; `None` when a line of it is missing or is no number.
    pub fn parse(text: &str) -> Option<Self> {
        let value = |key: &str| {
            text.lines()
                .filter_map(|line| line.split_once('='))
                .find(|(name, _)| name.trim() == key)
                .map(|(_, value)| value.trim().to_owned())
        };
        Some(Self {
            version: value("version")?,
            schema: value("reads_schema")?.parse().ok()?,
            lookup_ms: value("tax_lookup_ms")?.parse().ok()?,
        })
    }
}

/// One order; the price is kept as written, because its unit depends on the schema.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Order {
    id: String,
    tea: String,
    grams: String,
    price: String,
}

/// What the service found when it started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Shop {
    /// The release that runs.
    pub conf: Conf,
    /// The schema of the data.
    data_schema: u32,
    /// The schema of the cached prices.
    cache_schema: u32,
    orders: Vec<Order>,
}

impl Shop {
    /// Reads the order data and the cache's label; unreadable text is a shop without orders.
    pub fn open(conf: Conf, orders: &str, cache: &str) -> Self {
        let schema = |text: &str| {
            let first = text.lines().next().unwrap_or_default();
            first
                .strip_prefix("# schema ")
                .and_then(|number| number.trim().parse().ok())
        };
        Self {
            data_schema: schema(orders).unwrap_or_default(),
            cache_schema: schema(cache).unwrap_or_default(),
            orders: orders.lines().skip(2).filter_map(order).collect(),
            conf,
        }
    }

    /// What is wrong; empty when nothing is.
    pub fn complaints(&self) -> Vec<String> {
        let mut found = Vec::new();
        let Conf {
            version, schema, ..
        } = &self.conf;
        if self.data_schema != *schema {
            found.push(format!(
                "the data is at schema {}, release {version} reads schema {schema}",
                self.data_schema
            ));
        } else if self.cache_schema != *schema {
            found.push(format!(
                "stale cache: data/cache has prices of schema {}, remove it and restart",
                self.cache_schema
            ));
        }
        let unpriced = self
            .orders
            .iter()
            .filter(|order| order.price.is_empty())
            .count();
        if unpriced > 0 {
            found.push(format!(
                "{unpriced} of {} orders have no price",
                self.orders.len()
            ));
        }
        if self.conf.lookup_ms >= 200 {
            found.push(format!("a tax lookup takes {} ms", self.conf.lookup_ms));
        }
        found
    }

    /// Answers the `turn`-th request for an order: the body, or the body of an error.
    pub fn order(&self, turn: usize) -> Result<String, String> {
        let error = |why: String| Err(format!("{{\"error\":\"{why}\"}}\n"));
        if self.data_schema != self.conf.schema {
            return error(format!("cannot read schema {}", self.data_schema));
        }
        if self.cache_schema != self.conf.schema {
            return error("stale cache".to_owned());
        }
        let Some(order) = self.orders.get(turn % self.orders.len().max(1)) else {
            return error("there are no orders".to_owned());
        };
        if order.price.is_empty() {
            return error(format!("order {} has no price", order.id));
        }
        let price = match self.conf.schema {
            2 => pounds(&order.price),
            _ => order.price.clone(),
        };
        let Order { id, tea, grams, .. } = order;
        Ok(format!(
            "{{\"order\":{id},\"tea\":\"{tea}\",\"grams\":{grams},\"gbp\":{price}}}\n"
        ))
    }

    /// What `/health` answers: the body, and whether all is well.
    pub fn health(&self) -> (bool, String) {
        let complaints = self.complaints();
        if complaints.is_empty() {
            return (true, "{\"status\":\"ok\"}\n".to_owned());
        }
        let why = complaints.join("; ");
        (
            false,
            format!("{{\"status\":\"failing\",\"why\":\"{why}\"}}\n"),
        )
    }
}

fn order(line: &str) -> Option<Order> {
    let mut cells = line.split(',').map(str::to_owned);
    Some(Order {
        id: cells.next()?,
        tea: cells.next()?,
        grams: cells.next()?,
        price: cells.next()?,
    })
}

/// `1185` pence as `11.85`; what is no number stays as it is.
fn pounds(pence: &str) -> String {
    pence.parse::<u64>().map_or_else(
        |_| pence.to_owned(),
        |pence| format!("{}.{:02}", pence / 100, pence % 100),
    )
}

/// What the service has done lately.
#[derive(Clone, Default, Debug)]
pub(super) struct Meter {
    served: u64,
    failed: u64,
    recent: std::collections::VecDeque<(bool, u64)>,
}

impl Meter {
    /// How many of the last requests the ratio and the percentile are made of.
    const WINDOW: usize = 40;

    /// Counts one request for an order.
    pub fn count(&mut self, ok: bool, millis: u64) {
        self.served += 1;
        self.failed += u64::from(!ok);
        self.recent.push_back((ok, millis));
        if self.recent.len() > Self::WINDOW {
            self.recent.pop_front();
        }
    }

    /// What `/metrics` answers, in the text form that Prometheus reads.
    pub fn render(&self) -> String {
        let failed = self.recent.iter().filter(|(ok, _)| !ok).count();
        let mut millis: Vec<u64> = self.recent.iter().map(|(_, millis)| *millis).collect();
        millis.sort_unstable();
        let p95 = millis.get((millis.len() * 95 / 100).min(millis.len().saturating_sub(1)));
        let percent = failed * 100 / self.recent.len().max(1);
        let mut text = String::new();
        let _ = writeln!(text, "orders_requests_total {}", self.served);
        let _ = writeln!(text, "orders_errors_total {}", self.failed);
        let _ = writeln!(text, "orders_error_rate_percent {percent}");
        let _ = writeln!(
            text,
            "orders_latency_p95_ms {}",
            p95.copied().unwrap_or_default()
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::story::{ORDERS, RELEASES};

    fn conf(tag: &str) -> Conf {
        let release = RELEASES
            .iter()
            .find(|release| release.tag == tag)
            .expect("a release");
        Conf::parse(&release.conf()).expect("a readable conf")
    }

    const SPOILT: &str =
        "# schema 3\nid,tea,grams,pounds\n1041,Assam,250,11.85\n1043,Earl Grey,50,\n";

    #[test]
    fn the_good_release_on_the_old_data_is_healthy() {
        let shop = Shop::open(conf("v2.4.2"), ORDERS, "# schema 2\n");
        assert_eq!(shop.health(), (true, "{\"status\":\"ok\"}\n".to_owned()));
        assert!(shop.order(0).expect("an order").contains("\"gbp\":11.85"));
        assert_eq!(shop.order(0), shop.order(12), "the orders come round");
    }

    #[test]
    fn the_bad_release_says_what_is_wrong() {
        let shop = Shop::open(conf("v2.5.0"), SPOILT, "# schema 3\n");
        let (ok, body) = shop.health();
        assert!(!ok);
        assert!(body.contains("1 of 2 orders have no price"), "{body}");
        assert!(body.contains("420 ms"), "{body}");
        assert!(shop.order(0).is_ok());
        assert_eq!(
            shop.order(1),
            Err("{\"error\":\"order 1043 has no price\"}\n".to_owned())
        );
    }

    #[test]
    fn code_without_data_and_data_without_cache_are_not_enough() {
        let code_only = Shop::open(conf("v2.4.2"), SPOILT, "# schema 3\n");
        assert!(code_only.health().1.contains("the data is at schema 3"));
        let stale = Shop::open(conf("v2.4.2"), ORDERS, "# schema 3\n");
        assert!(
            stale.health().1.contains("stale cache"),
            "{}",
            stale.health().1
        );
    }

    #[test]
    fn an_unreadable_shop_answers_errors_and_never_panics() {
        let shop = Shop::open(conf("v2.4.2"), "", "");
        assert!(!shop.health().0);
        assert!(shop.order(7).is_err());
        assert_eq!(Conf::parse("version = 1\nreads_schema = two\n"), None);
    }

    #[test]
    fn the_meter_looks_at_the_last_requests_only() {
        let mut meter = Meter::default();
        for _ in 0..50 {
            meter.count(false, 400);
        }
        for _ in 0..40 {
            meter.count(true, 5);
        }
        let text = meter.render();
        assert!(text.contains("orders_requests_total 90"), "{text}");
        assert!(text.contains("orders_errors_total 50"), "{text}");
        assert!(text.contains("orders_error_rate_percent 0\n"), "{text}");
        assert!(text.contains("orders_latency_p95_ms 5\n"), "{text}");
    }
}
