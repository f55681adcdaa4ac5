-- The generic cell rate algorithm for all keys of one request: all of them are spent, or none.
-- KEYS[1]: when this memory began; then one key a charge, whose value is when it will owe nothing.
-- ARGV: of each charge what it takes, and what may be owed at most, in microseconds.
-- Answers which charge was refused (0: none), after how many microseconds it is worth asking again, and how old
-- this memory is: what was flushed, or came back empty, is young.
--
-- The time is this server's, one for all who ask. Counted from 2023: a number here has 53 bits.
local time = redis.call('TIME')
local now = (time[1] - 1700000000) * 1000000 + time[2]
local began = tonumber(redis.call('GET', KEYS[1]))
if not began then
  began = now
  redis.call('SET', KEYS[1], string.format('%.0f', now))
end
local free = {}
for i = 2, #KEYS do
  local takes, most = tonumber(ARGV[2 * i - 3]), tonumber(ARGV[2 * i - 2])
  local owes = math.max(tonumber(redis.call('GET', KEYS[i])) or now, now)
  -- More than the most is owed only where the clock was set back: then it is as if no time had passed.
  owes = math.min(owes, now + most) + takes
  -- A microsecond is what rounding may add.
  if owes - now > most + 1 then
    return {i - 1, math.ceil(owes - now - most), now - began}
  end
  free[i] = owes
end
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], string.format('%.3f', free[i]), 'PX', math.ceil((free[i] - now) / 1000) + 1)
end
return {0, 0, now - began}
