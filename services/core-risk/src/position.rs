//! Places on the earth, and how far they are from each other.

/// The mean radius of the earth, in km (IUGG: R₁ of the GRS 80 ellipsoid).
pub const EARTH_RADIUS_KM: f64 = 6_371.008_8;

/// How wrong a position may be, in km, where the database does not say.
pub const DEFAULT_ACCURACY_KM: f64 = 100.0;

/// Where an address is thought to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Degrees north, −90 to 90.
    pub latitude: f64,
    /// Degrees east, −180 to 180.
    pub longitude: f64,
    /// The radius within which it probably is, in km.
    pub accuracy_km: f64,
}

impl Position {
    /// A position, with [`DEFAULT_ACCURACY_KM`] where the database gives no accuracy.
    #[must_use]
    pub fn new(latitude: f64, longitude: f64, accuracy_km: Option<f64>) -> Self {
        Self { latitude, longitude, accuracy_km: accuracy_km.unwrap_or(DEFAULT_ACCURACY_KM) }
    }

    /// Whether there is such a place. Databases and columns can hold anything; what is not on earth is
    /// treated as unknown.
    #[must_use]
    pub fn is_on_earth(&self) -> bool {
        (-90.0..=90.0).contains(&self.latitude) && (-180.0..=180.0).contains(&self.longitude)
    }

    /// The great-circle distance in km, on a sphere; `None` if either is not on earth.
    ///
    /// By the haversine formula, which unlike the cosine formula is exact for neighbours. Rounding
    /// carries the haversine of antipodes past 1, where there is no arcsine. The square root mostly
    /// takes that back; the limit is for machines on which it does not.
    #[must_use]
    pub fn distance_km(&self, other: &Self) -> Option<f64> {
        if !self.is_on_earth() || !other.is_on_earth() {
            return None;
        }
        let (from, to) = (self.latitude.to_radians(), other.latitude.to_radians());
        let turn = (other.longitude - self.longitude).to_radians();
        let haversine = half_sine_squared(to - from) + from.cos() * to.cos() * half_sine_squared(turn);
        Some(2.0 * EARTH_RADIUS_KM * haversine.min(1.0).sqrt().asin())
    }

    /// The accuracy, or the default where what stands there is none.
    pub(crate) fn radius_km(&self) -> f64 {
        let said = self.accuracy_km;
        if said.is_finite() && said >= 0.0 { said } else { DEFAULT_ACCURACY_KM }
    }
}

fn half_sine_squared(angle: f64) -> f64 {
    (angle / 2.0).sin().powi(2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINNEAPOLIS: (f64, f64) = (44.9778, -93.2650);
    const SAN_FRANCISCO: (f64, f64) = (37.7749, -122.4194);
    const LONDON: (f64, f64) = (51.5074, -0.1278);
    const SYDNEY: (f64, f64) = (-33.8688, 151.2093);
    const HALF_ROUND: f64 = std::f64::consts::PI * EARTH_RADIUS_KM;

    fn place((latitude, longitude): (f64, f64)) -> Position {
        Position::new(latitude, longitude, None)
    }

    fn distance(from: (f64, f64), to: (f64, f64)) -> f64 {
        place(from).distance_km(&place(to)).expect("both on earth")
    }

    #[test]
    fn known_distances() {
        for (from, to, km, within) in [
            (MINNEAPOLIS, SAN_FRANCISCO, 2_550.0, 10.0),
            (LONDON, SYDNEY, 16_994.0, 10.0),
            ((60.0, 179.5), (60.0, -179.5), 55.6, 0.1),
            ((-17.0, 180.0), (-17.0, -180.0), 0.0, 1e-6),
            ((90.0, 0.0), (-90.0, 0.0), HALF_ROUND, 1e-6),
            ((90.0, 12.0), (90.0, -140.0), 0.0, 1e-6),
            ((0.0, 0.0), (0.0, 180.0), HALF_ROUND, 1e-6),
            // Antipodes whose haversine is rounded to more than 1.
            ((-87.5, 0.0), (87.5, 180.0), HALF_ROUND, 1e-6),
            ((-78.6, 0.0), (78.6, 180.0), HALF_ROUND, 1e-6),
            ((0.0, 0.0), (0.0, 90.0), HALF_ROUND / 2.0, 1e-6),
            ((0.0, 0.0), (1.0, 0.0), HALF_ROUND / 180.0, 1e-9),
            (LONDON, LONDON, 0.0, 1e-9),
        ] {
            let measured = distance(from, to);
            assert!((measured - km).abs() <= within, "{from:?} to {to:?}: {measured} km");
        }
    }

    #[test]
    fn neighbours_are_told_apart_to_the_metre() {
        let metre = 180.0 / (HALF_ROUND * 1_000.0);
        assert!((distance((0.0, 0.0), (metre, 0.0)) - 0.001).abs() < 1e-9);
    }

    #[test]
    fn what_is_not_on_earth_has_no_distance() {
        for garbage in [
            (f64::NAN, 0.0),
            (0.0, f64::NAN),
            (f64::INFINITY, 0.0),
            (0.0, f64::NEG_INFINITY),
            (90.1, 0.0),
            (-91.0, 0.0),
            (0.0, 180.1),
            (0.0, -181.0),
            (f64::MAX, f64::MIN),
        ] {
            assert!(!place(garbage).is_on_earth(), "{garbage:?}");
            assert_eq!(place(garbage).distance_km(&place(LONDON)), None, "{garbage:?}");
            assert_eq!(place(LONDON).distance_km(&place(garbage)), None, "{garbage:?}");
        }
    }

    #[test]
    fn an_accuracy_that_is_none_is_the_default() {
        for garbage in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0] {
            assert_eq!(Position::new(0.0, 0.0, Some(garbage)).radius_km(), DEFAULT_ACCURACY_KM, "{garbage}");
        }
        assert_eq!(Position::new(0.0, 0.0, None).radius_km(), DEFAULT_ACCURACY_KM);
        assert_eq!(Position::new(0.0, 0.0, Some(0.0)).radius_km(), 0.0);
        assert_eq!(Position::new(0.0, 0.0, Some(20.0)).radius_km(), 20.0);
    }

    fn anywhere() -> impl Strategy<Value = (f64, f64)> {
        (-90.0..=90.0, -180.0..=180.0)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn distances_are_symmetric_and_end_half_round_the_earth(from in anywhere(), to in anywhere()) {
            let there = distance(from, to);
            prop_assert!((0.0..=HALF_ROUND + 1e-6).contains(&there));
            prop_assert!((there - distance(to, from)).abs() < 1e-6);
        }

        #[test]
        fn an_antipode_is_half_round_the_earth(from in anywhere()) {
            let (latitude, longitude) = from;
            let opposite = (-latitude, if longitude > 0.0 { longitude - 180.0 } else { longitude + 180.0 });
            prop_assert!((distance(from, opposite) - HALF_ROUND).abs() < 0.01);
        }

        #[test]
        fn a_detour_is_never_shorter(from in anywhere(), by in anywhere(), to in anywhere()) {
            prop_assert!(distance(from, to) <= distance(from, by) + distance(by, to) + 1e-3);
        }

        #[test]
        fn no_bits_at_all_make_a_distance_that_is_no_number(
            one in any::<(f64, f64, f64)>(), other in any::<(f64, f64, f64)>(),
        ) {
            let [one, other] = [one, other].map(|(north, east, km)| Position::new(north, east, Some(km)));
            let distance = one.distance_km(&other);
            prop_assert!(distance.is_none_or(f64::is_finite));
        }
    }
}
