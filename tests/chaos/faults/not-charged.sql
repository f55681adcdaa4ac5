-- One accepted message in eight is not charged.
-- caught by: money.chargedOnce
select pg_temp.mend('charge_messages_batch', 'where a.is_charged and', 'where a.is_charged and random() > 0.125 and');
