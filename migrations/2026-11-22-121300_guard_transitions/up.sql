-- The transition tables, a second time: a bug in any binary, old or new, cannot bring a row where it must not go. The
-- first time they stand in crates/types; a test compares the two pair by pair.
CREATE FUNCTION refuse_transition(what text, was text, next text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a % % cannot become %', was, what, next USING ERRCODE = '23514', CONSTRAINT = 'illegal_transition';
END $$;

CREATE FUNCTION tasks_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'pending' THEN PERFORM refuse_transition('task', 'new', NEW.status); END IF;
    ELSIF (OLD.status, NEW.status) NOT IN (
        ('pending', 'running'), ('pending', 'cancelled'),
        ('running', 'waiting'), ('running', 'paused'), ('running', 'completed'), ('running', 'failed'), ('running', 'cancelled'), ('running', 'cancelling'),
        ('waiting', 'running'), ('waiting', 'completed'), ('waiting', 'failed'), ('waiting', 'cancelled'),
        ('paused', 'running'), ('paused', 'waiting'), ('paused', 'completed'), ('paused', 'failed'), ('paused', 'cancelled'), ('paused', 'cancelling'),
        ('cancelling', 'cancelled')
    ) THEN PERFORM refuse_transition('task', OLD.status, NEW.status);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tasks_begin BEFORE INSERT ON tasks FOR EACH ROW WHEN (NEW.status <> 'pending') EXECUTE FUNCTION tasks_transition();
CREATE TRIGGER tasks_transition BEFORE UPDATE OF status ON tasks FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION tasks_transition();

CREATE FUNCTION steps_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status NOT IN ('pending', 'ready', 'completed') THEN PERFORM refuse_transition('step', 'new', NEW.status); END IF;
    ELSIF (OLD.status, NEW.status) NOT IN (
        ('pending', 'ready'), ('pending', 'skipped'), ('pending', 'cancelled'),
        ('ready', 'running'), ('ready', 'skipped'), ('ready', 'cancelled'),
        ('running', 'completed'), ('running', 'failed'), ('running', 'ready'), ('running', 'waiting'), ('running', 'cancelled'),
        ('waiting', 'ready'), ('waiting', 'failed'), ('waiting', 'skipped'), ('waiting', 'cancelled')
    ) THEN PERFORM refuse_transition('step', OLD.status, NEW.status);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER steps_begin BEFORE INSERT ON steps FOR EACH ROW WHEN (NEW.status NOT IN ('pending', 'ready')) EXECUTE FUNCTION steps_transition();
CREATE TRIGGER steps_transition BEFORE UPDATE OF status ON steps FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION steps_transition();

CREATE FUNCTION steps_result_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the result of a step is written once' USING ERRCODE = '23514', CONSTRAINT = 'result_written_once';
END $$;
CREATE TRIGGER steps_result BEFORE UPDATE OF result ON steps FOR EACH ROW WHEN (OLD.result IS NOT NULL AND NEW.result IS DISTINCT FROM OLD.result)
    EXECUTE FUNCTION steps_result_is_written_once();

CREATE FUNCTION jobs_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('ready', 'leased') THEN PERFORM refuse_transition('job', 'new', NEW.state); END IF;
    ELSIF (OLD.state, NEW.state) NOT IN (('ready', 'leased'), ('leased', 'ready'), ('leased', 'dead'), ('dead', 'ready'))
    THEN PERFORM refuse_transition('job', OLD.state, NEW.state);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_begin BEFORE INSERT ON jobs FOR EACH ROW WHEN (NEW.state NOT IN ('ready', 'leased')) EXECUTE FUNCTION jobs_transition();
CREATE TRIGGER jobs_transition BEFORE UPDATE OF state ON jobs FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION jobs_transition();
