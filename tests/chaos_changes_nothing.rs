//! `longshore dev --once --chaos SEED`: whatever the embedded AWS does to it, the sample arrives.

use crate::stand::dev;

/// Seeds of the suite; each is the same nastiness, every time.
const SEEDS: [&str; 3] = ["1", "2", "3"];

#[test]
fn the_sample_arrives_in_chaos() {
    let ended: Vec<_> = std::thread::scope(|scope| {
        let run =
            |seed| scope.spawn(move || dev(&["dev", "--once", "--port", "0", "--chaos", seed]));
        let running = SEEDS.map(run);
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for (seed, output) in SEEDS.iter().zip(ended) {
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "seed {seed}: {}\n{printed}", output.status);
        assert!(printed.contains("rows      read 3376 = written 3376"), "seed {seed}: {printed}");
    }
}
