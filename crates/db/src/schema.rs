//! The tables, by hand; a test compares them with `information_schema`.

diesel::table! {
    artifacts (id) {
        id -> Uuid,
        task_id -> Uuid,
        step_id -> Uuid,
        user_id -> Uuid,
        path -> Text,
        size -> Int8,
        content_type -> Text,
        sha256 -> Text,
        created_at -> Timestamptz,
        is_main -> Bool,
    }
}

diesel::table! {
    audit_log (id) {
        id -> Int8,
        user_id -> Nullable<Uuid>,
        action -> Text,
        outcome -> Text,
        object_type -> Nullable<Text>,
        object_id -> Nullable<Text>,
        details -> Jsonb,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        request_id -> Nullable<Text>,
        created_at -> Timestamptz,
        prev_hash -> Bytea,
        hash -> Bytea,
    }
}

diesel::table! {
    files (id) {
        id -> Uuid,
        user_id -> Uuid,
        filename -> Text,
        extension -> Text,
        size -> Int8,
        content_type -> Text,
        kind -> Text,
        sha256 -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency_keys (user_id, method, path, key) {
        user_id -> Uuid,
        method -> Text,
        path -> Text,
        key -> Text,
        fingerprint -> Bytea,
        status -> Int2,
        location -> Nullable<Text>,
        body -> Jsonb,
        resource_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    installation_spending (period, begins) {
        period -> Text,
        begins -> Date,
        spent -> Int8,
        reserved -> Int8,
    }
}

diesel::table! {
    jobs (id) {
        id -> Uuid,
        kind -> Text,
        subject_id -> Uuid,
        user_id -> Uuid,
        pool -> Text,
        priority -> Int2,
        requires -> Array<Text>,
        state -> Text,
        not_before -> Timestamptz,
        enqueued_at -> Nullable<Timestamptz>,
        attempt -> Int4,
        crashes -> Int4,
        epoch -> Int8,
        worker_id -> Nullable<Uuid>,
        leased_at -> Nullable<Timestamptz>,
        started_at -> Nullable<Timestamptz>,
        deadline_at -> Nullable<Timestamptz>,
        error -> Nullable<Jsonb>,
        parked_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        hand_backs -> Int4,
    }
}

diesel::table! {
    model_preferences (one_row) {
        one_row -> Bool,
        default_provider -> Nullable<Text>,
        default_model -> Nullable<Text>,
        fallback_order -> Array<Text>,
    }
}

diesel::table! {
    provider_settings (id) {
        id -> Uuid,
        kind -> Text,
        name -> Text,
        base_url -> Text,
        key_sealed -> Nullable<Text>,
        key_last4 -> Nullable<Text>,
        models -> Jsonb,
        limits -> Jsonb,
        self_hosted -> Bool,
        priority -> Int4,
        enabled -> Bool,
        source -> Text,
        seen_at -> Nullable<Timestamptz>,
        last_test -> Nullable<Jsonb>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    refresh_tokens (hash) {
        hash -> Bytea,
        session_id -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        rotated_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sealing_keys (id) {
        id -> Text,
        check_value -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        ip -> Text,
        user_agent -> Text,
        created_at -> Timestamptz,
        last_used_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        revoked_reason -> Nullable<Text>,
    }
}

diesel::table! {
    step_calls (id) {
        id -> Int8,
        step_id -> Uuid,
        call_no -> Int4,
        epoch -> Int8,
        kind -> Text,
        name -> Text,
        effect -> Text,
        state -> Text,
        request_hash -> Bytea,
        request -> Jsonb,
        response -> Nullable<Jsonb>,
        error -> Nullable<Jsonb>,
        usage -> Jsonb,
        cost -> Int8,
        v -> Int2,
        started_at -> Timestamptz,
        answered_at -> Nullable<Timestamptz>,
        reserved -> Int8,
        reserved_tokens -> Int8,
        reserved_day -> Nullable<Date>,
        provider -> Nullable<Text>,
        model -> Nullable<Text>,
        fallback_from -> Nullable<Text>,
        price_version -> Nullable<Text>,
    }
}

diesel::table! {
    steps (id) {
        id -> Uuid,
        task_id -> Uuid,
        step_number -> Int4,
        key -> Text,
        agent_type -> Text,
        capability -> Nullable<Text>,
        description -> Text,
        pool -> Text,
        required -> Bool,
        depends_on -> Array<Uuid>,
        requires -> Array<Text>,
        inputs -> Jsonb,
        status -> Text,
        attempt -> Int4,
        epoch -> Int8,
        worker_id -> Nullable<Uuid>,
        summary -> Nullable<Text>,
        result -> Nullable<Jsonb>,
        error -> Nullable<Jsonb>,
        checks -> Jsonb,
        usage -> Jsonb,
        wait_reason -> Nullable<Text>,
        wait_limit -> Nullable<Text>,
        waiting_since -> Nullable<Timestamptz>,
        wait_until -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        ready_at -> Nullable<Timestamptz>,
        started_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        wait_amount -> Nullable<Int8>,
    }
}

diesel::table! {
    task_events (task_id, seq) {
        task_id -> Uuid,
        seq -> Int8,
        #[sql_name = "type"]
        kind -> Text,
        data -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    task_artifacts (task_id, artifact_id) {
        task_id -> Uuid,
        artifact_id -> Uuid,
        path -> Text,
        size -> Int8,
        content_type -> Text,
        sha256 -> Text,
    }
}

diesel::table! {
    task_files (task_id, file_id) {
        task_id -> Uuid,
        file_id -> Uuid,
    }
}

diesel::table! {
    task_messages (id) {
        id -> Uuid,
        task_id -> Uuid,
        user_id -> Uuid,
        content -> Text,
        files -> Array<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    tasks (id) {
        id -> Uuid,
        user_id -> Uuid,
        template_id -> Nullable<Uuid>,
        retry_of -> Nullable<Uuid>,
        clone_of -> Nullable<Uuid>,
        title -> Text,
        description -> Text,
        task_type -> Text,
        parameters -> Jsonb,
        status -> Text,
        priority -> Text,
        model -> Nullable<Text>,
        on_unsafe -> Text,
        tags -> Array<Text>,
        metadata -> Jsonb,
        plan -> Jsonb,
        budget -> Jsonb,
        reserved -> Int8,
        usage -> Jsonb,
        meter -> Jsonb,
        waiting -> Nullable<Jsonb>,
        result -> Nullable<Jsonb>,
        error -> Nullable<Jsonb>,
        cancel_by -> Nullable<Uuid>,
        cancelling_at -> Nullable<Timestamptz>,
        stalled_at -> Nullable<Timestamptz>,
        last_seq -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        started_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        reserved_tokens -> Int8,
    }
}

diesel::table! {
    templates (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        name -> Text,
        description -> Text,
        task_type -> Text,
        parameters -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    user_days (user_id, day) {
        user_id -> Uuid,
        day -> Date,
        tasks -> Int4,
        spent -> Int8,
        reserved -> Int8,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        username -> Nullable<Text>,
        full_name -> Nullable<Text>,
        role -> Text,
        is_active -> Bool,
        password_hash -> Text,
        default_model -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        last_login_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    workers (id) {
        id -> Uuid,
        state -> Text,
        host -> Text,
        version -> Text,
        roles -> Array<Text>,
        pools -> Array<Text>,
        provides -> Array<Text>,
        sandbox -> Jsonb,
        concurrency -> Int4,
        drain_asked -> Bool,
        started_at -> Timestamptz,
        lease_until -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    ws_tickets (hash) {
        hash -> Bytea,
        session_id -> Uuid,
        expires_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    artifacts,
    audit_log,
    files,
    idempotency_keys,
    installation_spending,
    jobs,
    model_preferences,
    provider_settings,
    refresh_tokens,
    sealing_keys,
    sessions,
    step_calls,
    steps,
    task_artifacts,
    task_events,
    task_files,
    task_messages,
    tasks,
    templates,
    user_days,
    users,
    workers,
    ws_tickets,
);
