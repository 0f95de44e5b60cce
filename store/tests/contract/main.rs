//! What every store must hold, whatever database is behind it.
//!
//! A case is a function of a [`Backend`](world::Backend); `contract!` expands the whole list once per backend, so that
//! a second database is one more line and not a second suite.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a failed test may panic and print"
)]
#![allow(clippy::needless_pass_by_value, reason = "cases read better with `json!` in place")]

mod accounts;
mod app_events;
mod by_hand;
mod clocks;
mod connections;
mod connectors;
mod customers;
mod definitions;
mod desk;
mod duplicates;
mod enrichment;
mod erasures;
mod forgetting;
mod hook_secrets;
mod imports;
mod lead_events;
mod leads;
mod lists;
mod merging;
mod million;
mod order;
mod outage;
mod payloads;
mod plugins;
mod raw;
mod records;
mod recovery;
mod standing;
mod storage;
mod suppression;
mod tables;
mod throughput;
mod ticks;
mod turns;
mod upkeep;
mod words;
mod workflows;
mod world;

macro_rules! contract {
    ($backend:ident: $($area:ident { $($case:ident),* $(,)? })*) => {
        $(mod $area {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::$area::$case(&crate::world::$backend::new()).await;
            })*
        })*
    };
}

/// What every store must hold, one that is kept in memory as well.
macro_rules! runs_on {
    ($backend:ident) => {
        contract! { $backend:
            turns {
                a_turn_is_whole,
                turns_gathered_into_one_batch_all_end,
                turns_know_what_is_still_being_written,
                two_events_about_one_person_make_one_lead,
                a_repeated_event_key_is_a_duplicate,
                a_child_is_started_once,
                a_second_writer_of_the_same_turn_is_fenced,
                a_poisoned_turn_fails_alone,
                a_panic_fails_the_run_and_keeps_the_event,
                a_run_with_much_to_do_lets_others_through,
                leads_are_dealt_by_weight,
                a_full_queue_refuses,
                an_operation_that_fails_fails_its_run,
            }
            recovery {
                what_was_acknowledged_is_there_after_reopening,
                sleeping_runs_are_found_when_due,
                runs_that_were_moving_are_taken_up_again,
                a_cut_off_turn_goes_on_with_its_lead_operations,
                a_second_process_is_refused,
                a_closed_store_says_so,
            }
            lists {
                pages_stay_put_while_runs_arrive,
                runs_are_found_by_what_people_type,
                runs_are_filtered_by_workflow_and_outcome,
                another_workspace_sees_nothing,
            }
            order {
                runs_of_one_key_go_one_after_another,
                a_row_of_short_runs_keeps_its_order,
                no_more_runs_than_the_limit_are_under_way,
                order_and_limit_hold_together,
                a_cancelled_run_leaves_the_row,
                a_burst_becomes_one_run,
                a_burst_that_is_over_still_keeps_to_the_order,
                a_repeat_counts_again_after_its_time,
                low_priority_waits_and_never_starves,
            }
            words {
                open_waits_follow_their_runs,
                an_event_of_a_lead_reaches_who_waits_for_it,
                what_a_run_did_itself_is_no_news_to_it,
                the_end_of_a_called_run_is_a_letter,
                a_failed_run_asks_for_its_error_workflow,
                a_paused_run_says_so,
            }
            suppression {
                an_entry_of_a_run_holds_once_it_is_committed,
                entries_of_people_grow_stronger_and_are_taken_away,
                a_lead_that_refused_consent_is_known_by_all_its_keys,
            }
            tables {
                rows_and_counters_commit_with_their_runs,
                a_run_that_fails_later_keeps_what_it_counted,
                people_edit_rows_by_the_same_rules,
                pages_of_rows_follow_one_another,
                tables_change_their_columns_and_go,
            }
            workflows {
                a_stale_draft_is_refused,
                publishing_freezes_and_counts_up,
                a_snapshot_is_kept_once,
                deleting_hides_but_keeps_runs_readable,
                ended_runs_are_counted_by_outcome,
                a_turn_goes_by_the_stages_of_its_moment,
                schedules_remember_the_latest_moment,
            }
            ticks {
                every_moment_of_a_schedule_is_noted_and_old_ones_go,
                a_run_and_the_moment_it_is_for_are_one_transaction,
                the_key_of_links_is_made_once,
            }
            definitions {
                a_draft_is_in_force_once_it_is_published,
                nobody_overwrites_what_they_have_not_seen,
                names_are_unique_among_their_kind,
                another_workspace_has_definitions_of_its_own,
            }
            lead_events {
                who_listens_hears_of_others_once,
                what_people_do_is_heard_and_who_is_switched_off_hears_nothing,
            }
            leads {
                a_lead_has_its_timeline_owner_and_lists,
                leads_are_filtered_and_counted,
                pools_keep_counters_of_members_that_stay,
                pages_of_leads_join_up,
                leads_are_asked_rules_in_every_order,
            }
            by_hand {
                what_a_person_does_is_whole_and_signed,
            }
            clocks {
                a_clock_starts_with_an_owner_and_ends_with_what_it_waits_for,
                clocks_are_found_by_the_moment_at_which_they_are_woken,
            }
            customers {
                accounts_are_kept_and_listed,
                a_lead_is_matched_within_its_turn,
                keys_too_many_accounts_have_say_so,
            }
            merging {
                a_merge_keeps_everything_and_can_be_taken_back,
                a_merged_id_leads_to_the_lead_that_stayed,
                leads_like_another_are_looked_up,
            }
        }
    };
}

/// What only a store on disk has.
macro_rules! kept_on {
    ($backend:ident) => {
        contract! { $backend:
            desk {
                caps_and_counters_are_exact_under_many_turns_at_once,
                hours_and_rules_are_kept_and_change,
                a_counter_is_put_right_and_everybody_can_see_who_did_it,
                a_team_is_whoever_names_it,
            }
            enrichment {
                what_was_found_answered_and_spent_is_kept,
                one_budget_is_shared_by_all,
            }
            records {
                a_job_remembers_how_far_it_is,
                results_are_grouped_and_paged,
                a_file_goes_with_its_last_name,
                pins_are_kept_by_workflow,
            }
            imports {
                an_import_goes_its_way_step_by_step,
                rows_are_accounted_for_and_taken_back,
            }
            standing {
                leads_stand_as_the_rules_in_force_say,
                leads_of_a_changed_account_are_looked_at_in_slices,
                deeds_and_matches_go_along_and_come_back,
                stays_in_stages_are_counted,
            }
            connectors {
                an_upgrade_that_missed_another_is_refused,
                what_is_frozen_keeps_its_edition,
                a_connector_that_is_used_stays,
                documents_are_kept_for_a_while,
            }
            connections {
                a_change_that_missed_another_is_refused,
                connections_that_end_are_found_and_a_warning_is_no_change,
                a_connection_that_is_used_stays,
                what_another_key_sealed_is_found,
                an_attempt_is_taken_once_and_in_time,
            }
            hook_secrets {
                a_secret_stays_while_something_names_it,
            }
            app_events {
                a_position_and_what_it_brought_are_one,
                what_was_sent_twice_counts_once,
            }
            plugins {
                a_release_is_exchanged_by_one_who_saw_it,
                a_plugin_that_is_used_stays,
                what_a_call_keeps_is_kept_once,
            }
            storage {
                completed_runs_are_thinned_first,
                the_budget_is_obeyed_and_the_file_shrinks,
            }
            payloads {
                large_journals_lie_in_files_as_long_as_they_are_needed,
                later_turns_and_thinned_runs_have_files_too,
                what_a_crash_left_is_collected,
                a_lost_file_stops_its_own_run_alone,
                a_backup_brings_its_files_along,
                files_of_an_erased_lead_go_at_once,
            }
            erasures {
                an_erased_address_is_still_refused,
                what_comes_during_an_erasure_is_seen,
                nothing_of_an_erased_lead_is_left,
                a_lead_is_not_erased_under_a_run,
            }
            forgetting {
                an_erased_person_stands_in_no_column,
            }
            duplicates {
                pairs_wait_until_somebody_decides,
                what_people_said_of_pairs_can_be_learned_from,
                who_is_somebody_else_is_not_looked_up_and_models_are_kept,
                erasing_a_lead_erases_what_went_into_it,
            }
            accounts {
                the_set_up_token_works_once,
                sessions_end,
                api_tokens_end_and_note_their_use,
                an_address_belongs_to_one_user,
            }
            upkeep {
                old_runs_are_swept_in_slices,
                deleted_workflows_go_with_their_last_run,
                a_backup_opens_and_holds_everything,
                a_sound_store_checks_out,
            }
        }
    };
}

macro_rules! on {
    ($name:ident, $backend:ident) => {
        mod $name {
            runs_on!($backend);
            kept_on!($backend);
        }
    };
}

on!(sqlite, Sqlite);
on!(postgres, Postgres);
#[cfg(feature = "memory")]
mod memory {
    runs_on!(Memory);
}
