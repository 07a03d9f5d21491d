-- KEYS limits; ARGV per limit: cost, burst in microseconds. The generic cell rate algorithm of `crates/llm/src/rate.rs`
-- with the clock of Redis: all is taken or nothing. Answers microseconds until there is room; 0: taken.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wait, due = 0, {}
for i = 1, #KEYS do
  local cost, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local last = tonumber(redis.call('GET', KEYS[i]) or '0')
  local ahead = math.max(last - now, 0)
  wait = math.max(wait, ahead - math.max(burst - cost, 0))
  due[i] = math.max(last, now) + cost
end
if wait > 0 then return math.ceil(wait) end
for i = 1, #KEYS do
  local left = math.ceil((due[i] - now) / 1000) + 1
  redis.call('SET', KEYS[i], string.format('%.0f', due[i]), 'PX', left)
end
return 0
