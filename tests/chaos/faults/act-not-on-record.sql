-- One act in four commits without its row in the audit log.
-- caught by: record.actsAreOnRecord
create function chaos_forget() returns trigger language plpgsql as $forget$
begin
    return case when random() < 0.25 then null else new end;
end $forget$;
create trigger chaos_forget before insert on audit_entry for each row execute function chaos_forget();
