-- The audit log by what was done, and by who did it, without reading back through everything else. It is written
-- by administrators, the help desk and the system's rare interventions, never by a login that goes its way: two
-- more entries for each of its rows cost the login path nothing.
create index audit_entry_action on audit_entry (tenant_id, action, month, entry_id);
create index audit_entry_actor on audit_entry (tenant_id, actor, month, entry_id);
