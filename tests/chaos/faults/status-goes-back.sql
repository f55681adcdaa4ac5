-- A late report takes a message back to where it was before.
-- caught by: message.timelinesGoForward
select pg_temp.mend('settle_messages_batch', 'else message_rank(m.status) < message_rank(s.status) end', 'else m.status <> s.status end');
