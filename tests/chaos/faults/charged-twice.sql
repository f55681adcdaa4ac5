-- A message that is reported after it was accepted is charged once more.
-- caught by: money.chargedOnce
alter table usage_ledger drop constraint usage_ledger_check;
select pg_temp.mend('charge_messages_batch', 'a.message_id, 0, ''CHARGE''', 'a.message_id, (random() * 10000)::integer, ''CHARGE''');
select pg_temp.mend('charge_messages_batch', 'and not a.charged_before', '');
