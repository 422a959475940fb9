//! What goes wrong in one history, how often, and until when.

use super::{
    chance::{Dice, FAULTS, Fault, Service},
    world::{HOUR, MINUTE, SECOND, World},
};

/// Per-mille rates that a seed may give to a kind of fault: most histories lack some kinds
/// altogether, so that one kind does not hide what another would show.
const RATES: [u64; 6] = [0, 0, 5, 20, 60, 150];
/// Shortest and longest time for which things go wrong.
const FAULTS_MS: (u64, u64) = (30 * MINUTE, 4 * HOUR);
/// Of so many histories, one has only launches that get lost, and one only stops.
const KINDS: u64 = 16;
/// Per-mille rate of lost STOPPED events where nothing else goes wrong.
const STOPS_LOST: u64 = 500;
/// `Timeout` of the functions: as it is in most histories, and as long as it can be.
const FUNCTION_MS_MAX: [u64; 2] = [MINUTE, 15 * MINUTE];
/// How far the index of waiting runs is behind in some histories, at most.
const LAG_MS_MAX: u64 = 3 * SECOND;
/// How long no function runs when the control plane is down.
const DOWN_MS: u64 = 3 * HOUR;

/// Which faults a history has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// All of them.
    Wild,
    /// Launches whose answer or whose driver is lost, once each; nothing else.
    LaunchLost,
    /// STOPPED events that are never delivered; nothing else.
    StopLost,
}

/// Something that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spell {
    /// Nine calls in ten to the service come to nothing.
    Out(Service),
    /// No function runs at all; messages wait.
    Down,
    /// Spot tasks are taken back within minutes.
    SpotStorm,
    /// There is no Spot capacity.
    NoSpot,
    /// There is no capacity at all.
    NoRoom,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Weather {
    pub(super) kind: Kind,
    pub(super) heals_at_ms: u64,
    /// When Lambda ends a function.
    function_ms_max: u64,
    rates: [u64; FAULTS],
    spells: Vec<(Spell, u64, u64)>,
    lag_ms: u64,
}

impl Weather {
    pub(super) fn of(root: &mut Dice) -> Self {
        let kind = match root.below(KINDS) {
            0 => Kind::LaunchLost,
            1 => Kind::StopLost,
            _ => Kind::Wild,
        };
        let mut rates = std::array::from_fn(|_| root.pick(&RATES));
        let heals_at_ms = FAULTS_MS.0 + root.below(FAULTS_MS.1 - FAULTS_MS.0);
        let function_ms_max = FUNCTION_MS_MAX[usize::from(root.one_in(4))];
        let mut weather =
            Self { kind, heals_at_ms, function_ms_max, rates, spells: Vec::new(), lag_ms: 0 };
        if kind == Kind::Wild {
            weather.draw_spells(root);
            weather.lag_ms = if root.one_in(2) { root.below(LAG_MS_MAX) } else { 0 };
        } else {
            rates = [0; FAULTS];
            if kind == Kind::StopLost {
                rates[Fault::EventLost as usize] = STOPS_LOST;
            }
            weather.rates = rates;
        }
        weather
    }

    fn draw_spells(&mut self, root: &mut Dice) {
        let service = root.pick(&[Service::Ecs, Service::Ecs, Service::Ledger, Service::Queue]);
        let chances = [
            (Spell::Out(service), 3),
            (Spell::SpotStorm, 4),
            (Spell::NoSpot, 6),
            (Spell::NoRoom, 8),
        ];
        for (spell, one_in) in chances {
            let (from, length) = (root.below(self.heals_at_ms / 4), root.below(self.heals_at_ms));
            if root.one_in(one_in) {
                self.spells.push((spell, from, (from + length).min(self.heals_at_ms)));
            }
        }
        let from = root.below(HOUR);
        if root.one_in(8) {
            self.spells.push((Spell::Down, from, from + DOWN_MS));
            self.heals_at_ms = self.heals_at_ms.max(from + DOWN_MS);
        }
    }

    /// How many of a thousand chances `fault` takes at `now_ms`.
    pub(super) fn rate(&self, fault: Fault, now_ms: u64) -> u64 {
        if now_ms < self.heals_at_ms { self.rates[fault as usize] } else { 0 }
    }

    /// Until when the spell lasts that there is at `now_ms`.
    pub(super) fn until(&self, spell: Spell, now_ms: u64) -> Option<u64> {
        let is_now = |it: &&(Spell, u64, u64)| it.0 == spell && (it.1..it.2).contains(&now_ms);
        self.spells.iter().find(is_now).map(|it| it.2)
    }
}

impl World {
    /// Whether `fault` happens now.
    pub(super) fn strikes(&self, fault: Fault) -> bool {
        self.under(|weather, now_ms, dice, stats| {
            let rate = weather.rate(fault, now_ms);
            let strikes = rate > 0 && dice.below(1_000) < rate;
            stats.faults += u64::from(strikes);
            strikes
        })
    }

    /// Whether a call comes to nothing because the service is out.
    pub(super) fn is_out(&self, service: Service) -> bool {
        self.under(|weather, now_ms, dice, stats| {
            let is_out = weather.until(Spell::Out(service), now_ms).is_some() && !dice.one_in(10);
            stats.faults += u64::from(is_out);
            is_out
        })
    }

    /// How much longer the spell lasts, if there is one.
    pub(super) fn lasts_ms(&self, spell: Spell) -> Option<u64> {
        self.under(|weather, now_ms, _, _| weather.until(spell, now_ms).map(|until| until - now_ms))
    }

    /// How far an index is behind, in milliseconds.
    pub(super) fn lag_ms(&self) -> u64 {
        self.under(
            |weather, now_ms, _, _| {
                if now_ms < weather.heals_at_ms { weather.lag_ms } else { 0 }
            },
        )
    }

    /// When Lambda ends a function.
    pub(super) fn function_ms_max(&self) -> u64 {
        self.under(|weather, _, _, _| weather.function_ms_max)
    }

    /// Whether the history is of this kind.
    pub(super) fn is(&self, kind: Kind) -> bool {
        self.under(|weather, _, _, _| weather.kind == kind)
    }

    /// When things stop going wrong.
    pub(super) fn heals_at_ms(&self) -> u64 {
        self.under(|weather, _, _, _| weather.heals_at_ms)
    }
}
