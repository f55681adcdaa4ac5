-- The code that enrolled an app lets in, too.
-- found by: svc-factors confirm the_enrolling_code_of_an_app_is_used_up
-- saying: is used up, and not
select pg_temp.bend('confirm_factor_code', 'last_step = coalesce(p_step, x.last_step)', 'last_step = coalesce(p_step, x.last_step) - 10');
