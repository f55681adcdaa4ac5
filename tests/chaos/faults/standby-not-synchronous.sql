-- A standby is promoted that is not told of what was acknowledged before it is acknowledged.
-- needs: promote
-- asynchronous
-- caught by: login.loginsAreThere, login.completionStays
select 1;
