-- Those who answer for a partner sign in to the console, by the same accounts as everybody else. In
-- account_invitation, invited_to is then the partner.
alter table partner_admin
    -- None for whoever was named when there was none; naming them again gives them one.
    add column account_id        uuid,
    add column display_name      text,
    add column last_signed_in_at timestamptz;
create index partner_admin_account on partner_admin (account_id) where removed_at is null;

create policy cross_reads on partner_admin for select to postern_cross using (true);
grant select (partner_id, admin_id, account_id, role, removed_at) on partner_admin to postern_cross;

set local role postern_cross;

-- For which partners does this person answer? Asked with each request of a session.
create function postern_cross.partners_of_account(p_account uuid)
    returns table (partner_id uuid, admin_id uuid, role text)
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select a.partner_id, a.admin_id, a.role from public.partner_admin a
     where a.account_id = p_account and a.removed_at is null order by a.partner_id;
end;

revoke execute on function postern_cross.partners_of_account(uuid) from public;
grant execute on function postern_cross.partners_of_account(uuid) to postern_app;
reset role;
