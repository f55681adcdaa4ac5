-- Whether what a number asked for still holds. A provider forgets that it wants no texts when it answers
-- START; where that is not told to us, once a day it is asked again, which costs nothing.
create or replace function opt_out_holds(p_told_at timestamptz, p_until_start boolean) returns boolean
    language sql volatile parallel safe
    return p_until_start or p_told_at > clock_timestamp() - interval '1 day';

-- Whether nothing may go to a number by this channel.
create or replace function destination_blocked(p_tenant uuid, p_channel text, p_index bytea, p_stranger_prefix text)
    returns boolean
    language plpgsql volatile as $$
begin
    if p_channel = 'SMS' then
        perform from public.message_opt_out o
          where o.tenant_id = p_tenant and o.destination_index = p_index
            and public.opt_out_holds(o.told_at, o.until_start);
        if found then
            return true;
        end if;
    end if;
    if p_stranger_prefix is not null and p_channel <> 'EMAIL' then
        perform from public.number_prefix n
          where n.tenant_id = p_tenant and n.prefix = p_stranger_prefix and n.blocked_at is not null;
        return found;
    end if;
    return false;
end $$;

-- Begins or repeats the challenge of one factor and puts the message into the outbox, both or
-- neither. The caller holds the lock on the login or, outside one, on the factor. Where the spending
-- cap leaves no room nothing begins but a message on record that was not sent. DESTINATION_BLOCKED: the
-- number asked for no more texts, or never gave a right code and the fraud guard blocks its prefix.
-- `p_trace`: the span in which it is queued, if that is kept.
drop function if exists send_code;
create function send_code(
    p_tenant uuid, p_now timestamptz, p_user uuid, p_login uuid, p_login_month date, p_factor uuid,
    p_channel text, p_purpose text, p_challenge uuid, p_challenge_month date, p_message uuid, p_message_month date,
    p_code_key smallint, p_digits smallint, p_ttl integer, p_resend_after integer, p_trace bytea default null,
    out outcome text, out challenge_id uuid, out expires_at timestamptz, out resend_at timestamptz)
    language plpgsql set search_path = pg_catalog, public as $$
#variable_conflict use_column
declare
    c challenge%rowtype;
    v_index bytea;
    v_country text;
    -- Of a number that never gave a right code.
    v_prefix text;
    v_language text;
    v_last_right timestamptz;
    v_times timestamptz[];
    v_sends integer := 0;
    v_sent_at timestamptz;
    v_capped boolean;
    v_sandbox boolean;
    v_refused boolean;
    v_reserved bigint;
    v_reserved_period date;
begin
    select f.blind_index, f.country, coalesce(u.language, t.language), t.spending_capped,
           t.environment = 'SANDBOX',
           case when f.confirmed_at is null and f.last_used_at is null then f.phone_prefix end
      into v_index, v_country, v_language, v_capped, v_sandbox, v_prefix
      from factor f
      join tenant_user u on u.tenant_id = f.tenant_id and u.user_id = f.user_id
      join tenant t on t.tenant_id = f.tenant_id
     where f.tenant_id = p_tenant and f.factor_id = p_factor;

    if destination_blocked(p_tenant, p_channel, v_index, v_prefix) then
        outcome := 'DESTINATION_BLOCKED';
        return;
    end if;

    -- One code for its life; with under a minute left a new one begins.
    if p_login is not null then
        select * into c from challenge x
         where x.tenant_id = p_tenant and x.login_id = p_login and x.month >= p_login_month
           and x.factor_id = p_factor and x.purpose = p_purpose
         order by x.challenge_id desc limit 1;
    else
        select * into c from challenge x
         where x.tenant_id = p_tenant and x.login_id is null and x.factor_id = p_factor and x.purpose = p_purpose
         order by x.challenge_id desc limit 1;
    end if;
    if c.challenge_id is not null and (c.expires_at < p_now + interval '60 seconds' or c.verified_at is not null) then
        c := null;
    end if;
    if c.challenge_id is not null then
        challenge_id := c.challenge_id;
        expires_at := c.expires_at;
        v_sends := case p_channel when 'SMS' then c.sms_sends when 'VOICE' then c.voice_sends else c.email_sends end;
        v_sent_at := case p_channel when 'SMS' then c.sms_sent_at when 'VOICE' then c.voice_sent_at else c.email_sent_at end;
        if v_sends > 0 and v_sent_at + resend_wait(p_resend_after, v_sends) > p_now then
            outcome := 'TOO_SOON';
            resend_at := v_sent_at + resend_wait(p_resend_after, v_sends);
            return;
        end if;
    end if;

    -- The row is locked by the upsert, so that parallel sends are counted one after another.
    insert into destination_send as d (tenant_id, destination_index, times) values (p_tenant, v_index, '{}')
        on conflict (tenant_id, destination_index) do update set times = d.times
        returning d.times into v_times;
    if cardinality(v_times) > 0 then
        select max(f.last_used_at) into v_last_right from factor f
         where f.tenant_id = p_tenant and f.blind_index = v_index;
        v_times := array(select s from unnest(v_times) s
                          where s > p_now - interval '1 hour' and (v_last_right is null or s > v_last_right) order by s);
        if destination_free_at(v_times, p_now) > p_now then
            outcome := 'TOO_SOON';
            resend_at := destination_free_at(v_times, p_now);
            return;
        end if;
    end if;
    if v_capped then
        select r.refused, r.reserved, r.period into v_refused, v_reserved, v_reserved_period
          from reserve_spending(p_tenant, p_channel, v_country) r;
        if v_refused then
            perform cancel_over_cap(p_tenant, p_user, p_factor, p_channel, v_country, 'CODE', 'code', p_message, p_message_month);
            outcome := 'SPENDING_CAP_REACHED';
            challenge_id := null;
            expires_at := null;
            return;
        end if;
    end if;
    v_times := v_times || p_now;
    update destination_send d set times = v_times where d.tenant_id = p_tenant and d.destination_index = v_index;

    if c.challenge_id is null then
        challenge_id := p_challenge;
        expires_at := p_now + make_interval(secs => p_ttl);
        insert into challenge (tenant_id, month, challenge_id, user_id, login_month, login_id, factor_id, kind, purpose,
                               code_key_id, digits, created_at, expires_at, channel,
                               sms_sends, sms_sent_at, voice_sends, voice_sent_at, email_sends, email_sent_at)
        values (p_tenant, p_challenge_month, p_challenge, p_user, p_login_month, p_login, p_factor, 'CODE', p_purpose,
                p_code_key, p_digits, p_now, expires_at, p_channel,
                (p_channel = 'SMS')::integer, case when p_channel = 'SMS' then p_now end,
                (p_channel = 'VOICE')::integer, case when p_channel = 'VOICE' then p_now end,
                (p_channel = 'EMAIL')::integer, case when p_channel = 'EMAIL' then p_now end);
    else
        update challenge x
           set channel = p_channel,
               sms_sends = x.sms_sends + (p_channel = 'SMS')::integer,
               sms_sent_at = case when p_channel = 'SMS' then p_now else x.sms_sent_at end,
               voice_sends = x.voice_sends + (p_channel = 'VOICE')::integer,
               voice_sent_at = case when p_channel = 'VOICE' then p_now else x.voice_sent_at end,
               email_sends = x.email_sends + (p_channel = 'EMAIL')::integer,
               email_sent_at = case when p_channel = 'EMAIL' then p_now else x.email_sent_at end
         where x.tenant_id = p_tenant and x.month = c.month and x.challenge_id = c.challenge_id;
    end if;

    insert into message (tenant_id, month, message_id, user_id, challenge_id, channel, purpose, priority, country,
                         factor_id, template, language, created_at, expires_at, claimable_at, status, reserved, reserved_period, prefix, lane, trace)
    values (p_tenant, p_message_month, p_message, p_user, challenge_id, p_channel, 'CODE', 0, v_country,
            p_factor, 'code', v_language, p_now, expires_at, clock_timestamp(), 'QUEUED', v_reserved, v_reserved_period, v_prefix,
            case when v_sandbox then 2 when p_channel = 'EMAIL' then 1 else 0 end, p_trace);
    outcome := 'OK';
    resend_at := greatest(p_now + resend_wait(p_resend_after, v_sends + 1), destination_free_at(v_times, p_now));
end $$;
