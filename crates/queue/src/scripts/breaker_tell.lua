-- KEYS provider, model; ARGV what was seen, ms that were asked for or -1, failures that open, then in ms: their window,
-- open, off, first cooling, last cooling, longest cooling that may be asked for, memory. The rules are those of the
-- breaker in `crates/llm/src/health.rs`, word for word, with the clock of Redis.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local seen, asked, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local window, open, off = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local cool_first, cool_last, cool_asked = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local memory = tonumber(ARGV[10])
local function text(number) return string.format('%.0f', number) end
if seen == 'barred' then
  redis.call('SET', KEYS[1], text(now + off), 'PX', off)
  return 1
end
local model = redis.call('HMGET', KEYS[2], 'rest', 'streak', 'fails')
local rest, streak = tonumber(model[1] or '0'), tonumber(model[2] or '0')
local resting = rest > now
local function rests(until_ms, why, in_a_row)
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[2], 'rest', text(until_ms), 'why', why, 'streak', in_a_row)
  redis.call('PEXPIRE', KEYS[2], memory)
end
if seen == 'gone' then
  rests(now + off, 'off', streak)
elseif seen == 'busy' then
  if resting then -- told by a call that began earlier: at most a longer rest
    if asked > 0 and now + math.min(asked, cool_asked) > rest then
      redis.call('HSET', KEYS[2], 'rest', text(now + math.min(asked, cool_asked)))
      redis.call('PEXPIRE', KEYS[2], memory)
    end
  else
    local own = math.min(cool_first * 2 ^ math.min(streak, 8), cool_last)
    if asked >= 0 then own = math.min(asked, cool_asked) end
    rests(now + own, 'cooling', streak + 1)
  end
elseif resting then
  return 1
elseif seen == 'well' then
  redis.call('DEL', KEYS[2])
elseif rest > 0 then -- the probe failed
  rests(now + open, 'open', streak)
else
  local fails = { text(now) }
  for at in string.gmatch(model[3] or '', '%d+') do
    if tonumber(at) + window > now then fails[#fails + 1] = at end
  end
  if #fails >= most then
    rests(now + open, 'open', streak)
  else
    redis.call('HSET', KEYS[2], 'fails', table.concat(fails, ' '))
    redis.call('PEXPIRE', KEYS[2], memory)
  end
end
return 1
