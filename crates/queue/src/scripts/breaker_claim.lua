-- KEYS model; ARGV ms of a probe, ms of memory. Answers 1 if the caller may ask: the model is closed, or half open and
-- nobody probes.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local model = redis.call('HMGET', KEYS[1], 'rest', 'probe')
local rest, probe = tonumber(model[1] or '0'), tonumber(model[2] or '0')
if rest == 0 then return 1 end
if rest > now or probe > now then return 0 end
redis.call('HSET', KEYS[1], 'probe', string.format('%.0f', now + tonumber(ARGV[1])))
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[2]))
return 1
