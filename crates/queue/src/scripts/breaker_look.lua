-- KEYS in pairs: provider, model. Answers per pair: 0 closed, 1 open, 2 half open, 3 cooling, 4 off; and ms left.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local states = { open = 1, cooling = 3, off = 4 }
local answer = {}
for i = 1, #KEYS, 2 do
  local off = tonumber(redis.call('GET', KEYS[i]) or '0') - now
  local model = redis.call('HMGET', KEYS[i + 1], 'rest', 'why', 'probe')
  local rest = tonumber(model[1] or '0')
  local probe = tonumber(model[3] or '0')
  local one = { 0, 0 }
  if off > 0 then
    one = { 4, off }
  elseif rest > now then
    one = { states[model[2]] or 1, rest - now }
  elseif probe > now then
    one = { 1, probe - now }
  elseif rest > 0 then
    one = { 2, 0 }
  end
  answer[#answer + 1] = one
end
return answer
