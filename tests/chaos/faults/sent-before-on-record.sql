-- A message goes to the provider while it is still on record as QUEUED.
-- caught by: message.onRecordBeforeItGoesOut
select pg_temp.mend('claim_messages_batch', 'set status = s.becomes', 'set status = case s.becomes when ''SENDING'' then ''QUEUED'' else s.becomes end');
select pg_temp.mend('claim_messages_batch', 'where c.status = ''SENDING''', 'where c.status = ''QUEUED''');
