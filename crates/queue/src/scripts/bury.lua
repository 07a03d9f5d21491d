-- KEYS[1] stream; ARGV[1] group, ARGV[2] consumer. What the consumer had read goes to the end of the stream, then the
-- consumer goes. In one piece, because DELCONSUMER strands what is still pending.
local function pending()
  local found = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 1000, ARGV[2])
  if found.err then return {} end -- no stream or no group: nothing to bury
  return found
end
local given_back = 0
local found = pending()
while #found > 0 do
  for _, entry in ipairs(found) do
    local id = entry[1]
    local read = redis.call('XRANGE', KEYS[1], id, id)
    if #read > 0 then
      redis.call('XADD', KEYS[1], '*', unpack(read[1][2]))
      given_back = given_back + 1
    end
    redis.call('XACK', KEYS[1], ARGV[1], id)
    redis.call('XDEL', KEYS[1], id)
  end
  found = pending()
end
redis.pcall('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return given_back
