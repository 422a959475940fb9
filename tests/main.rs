//! One module per promise; one binary, so that the suite links once.

#![expect(clippy::unwrap_used, reason = "what a test cannot have ends the test")]

mod stand;

mod any_image_runs_once;
mod architecture;
mod bad_objects_are_set_aside;
mod chaos_changes_nothing;
mod crashes_lose_nothing;
mod deploys_lose_nothing;
mod ends_are_told;
mod events_become_one_run;
mod failures_say_why;
mod faults_have_tests;
mod fleets_follow_queues;
mod newer_versions_wait;
mod objects_are_gathered;
mod objects_become_rows;
mod outages_are_waited_out;
mod people_run_schedules;
mod people_see_and_steer;
mod poison_is_dead_lettered;
mod ports_keep_their_word;
mod queues_are_worked_off;
mod readme;
mod runs_go_one_at_a_time;
mod runs_go_to_a_pool;
mod settings_are_warned_of;
mod templates_are_judged;
mod ticks_become_runs;
mod ticks_work_off_a_prefix;
mod time_runs_fast;
mod whatever_fails;
