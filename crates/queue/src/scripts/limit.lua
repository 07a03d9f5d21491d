-- KEYS counters; ARGV per key: limit, window in ms. All are counted or none, so that a refused request costs nothing.
-- Answers 1 or 0, then per key: count after this request (or now, if refused), ms until it begins anew.
local allowed, answer = 1, {}
for i = 1, #KEYS do
  local count = tonumber(redis.call('GET', KEYS[i]) or '0')
  if count + 1 > tonumber(ARGV[2 * i - 1]) then allowed = 0 end
end
answer[1] = allowed
for i = 1, #KEYS do
  local window = tonumber(ARGV[2 * i])
  local count
  if allowed == 1 then
    count = redis.call('INCR', KEYS[i])
  else
    count = tonumber(redis.call('GET', KEYS[i]) or '0')
  end
  local left = redis.call('PTTL', KEYS[i])
  if left < 0 then -- new, or left without an end
    left = window
    if allowed == 1 then redis.call('PEXPIRE', KEYS[i], window) end
  end
  answer[2 * i] = count
  answer[2 * i + 1] = left
end
return answer
