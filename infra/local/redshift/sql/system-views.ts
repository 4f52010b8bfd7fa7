/**
 * System tables and views that Redshift's guide has pages of (cm_chap_system-tables), by their prefix. The local warehouse has none of them but
 * svv_tables, svv_columns, svv_redshift_columns, stv_db_isolation_level and sys_load_error_detail.
 */
const VIEWS: Readonly<Record<string, string>> = {
  stl: `aggr alert_event_log analyze analyze_compression bcast commit_stats connection_log ddltext delete delete_table disk_full_diag dist
    error explain file_scan hash hashjoin insert limit load_commits load_errors loaderror_detail merge mergejoin mv_state nestloop parse plan_info
    project query query_metrics querytext replacements restarted_sessions return s3client s3client_error save scan schema_quota_violations
    session_start session_timeout sessions sort spatial_simplify sshclient_error stream_segs tr_conflict undone unique unload_log
    user_load_error_detail userlog usage_control utilitytext vacuum vacuum_detail warning window wlm_error wlm_query wlm_rule_action`,
  stv: `active_cursors blocklist cursor_configuration db_isolation_level exec_state inflight load_state locks ml_model_info mv_deps mv_info
    node_storage_capacity partitions query_metrics recents sessions slices startup_recovery_state tbl_perm tbl_trans wlm_classification_config
    wlm_qmr_config wlm_query_queue_state wlm_query_state wlm_query_task_state wlm_service_class_config wlm_service_class_state
    xrestore_alter_queue_state`,
  svl: `auto_worker_action compile concurrency_scaling_usage datashare_change_log datashare_cross_region_usage datashare_usage_consumer
    datashare_usage_producer federated_query multi_statement_violations mv_refresh_status qerror qlog query_metrics query_metrics_summary
    query_queue_info query_report query_summary restore_alter_table_progress rls_applied_policies rls_policy rls_relation s3catalog s3list s3log
    s3partition s3partition_summary s3query s3query_summary s3retries scan_range_efficiency spatial_simplify spectrum_scan_error statementtext
    stored_proc_call stored_proc_messages terminate udf_log unload_log user_info vacuum_percentage`,
  svv: `active_cursors all_columns all_schemas all_tables alter_table_recommendations attached_masking_policy columns column_privileges
    copy_job_integrations database_privileges databases datashare_consumers datashare_objects datashare_privileges datashares default_privileges
    diskusage external_columns external_databases external_partitions external_schemas external_tables function_privileges geography_columns
    geometry_columns iam_privileges identity_providers integration integration_table_mapping integration_table_state interleaved_columns
    language_privileges masking_policy ml_model_info ml_model_privileges mv_dependency mv_info query_inflight query_state redshift_columns
    redshift_databases redshift_functions redshift_schema_quota redshift_schemas redshift_tables relation_privileges rls_applied_policy
    rls_attached_policy rls_policy rls_relation role_grants roles schema_privileges schema_quota_state sem_usage sem_usage_leader
    system_privileges table_info tables transactions user_grants user_info vacuum_progress vacuum_summary`,
  svcs: `alert_event_log compile concurrency_scaling_usage explain plan_info query_summary s3list s3log s3partition_summary s3query
    s3query_summary stream_segs unload_log`,
  sys: `analyze_compression_history analyze_history applied_masking_policy_log auto_table_optimization automatic_optimization
    child_query_text connection_log copy_job copy_job_detail copy_job_info copy_replacements datashare_change_log
    datashare_cross_region_usage datashare_usage_consumer datashare_usage_producer external_query_detail external_query_error
    extra_compute_for_automatic_optimization integration_activity integration_table_activity integration_table_state_change load_detail
    load_error_detail load_history mv_refresh_history mv_state ndp_usage procedure_call procedure_messages query_detail query_explain
    query_history query_text redshift_template_history restore_log restore_state rls_applied_policy_log schema_quota_violations serverless_usage
    session_history spatial_simplify stream_scan_errors stream_scan_states streaming_scan transaction_history udf_log undone unload_detail
    unload_history userlog vacuum_history`,
};

const NAMES: readonly string[] = Object.entries(VIEWS).flatMap(([prefix, names]) =>
  names.split(/\s+/).map((name) => `${prefix}_${name}`),
);

/** Whether a name is that of a system view by its prefix; `has` says whether Redshift's guide has it. */
export const systemViewOf = (
  name: string,
): { readonly isKnown: boolean; readonly all: readonly string[] } | undefined =>
  /^(?:stl|stv|svl|svv|svcs|sys)_/.test(name) ? { isKnown: NAMES.includes(name), all: NAMES } : undefined;
