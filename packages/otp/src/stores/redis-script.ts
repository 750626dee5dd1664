/**
 * The one script of the Redis store. It says what a scope is like, or makes changes that were decided on, if the scope
 * still is what the decider thought; if it is not, it makes none and says what it is like. No rule of codes is in here.
 *
 * All keys of a tenant lie in one hash slot, so also those that are found by name (in `tidy`) are where the script runs.
 *
 * - `{base}here` a sign that the tenant's data is there
 * - `{base}scope:{scope}` a hash: v version, g generation, b budget, f forgetAt, u the last moment of interest, n number of
 *   live codes, r the run of the server that wrote it last; and each live code, as c and its hash. A code and the budget
 *   that protects it are one key: neither is ever there without the other.
 * - `{base}spent:{scope}` a hash: spent codes by their hashes
 * - `{base}live`, `{base}spent`, `{base}idle` sorted sets for housekeeping: live codes by their end, spent ones by when
 *   that was, scopes without either by their forgetAt
 */
export const script: string = `
local here, scope, spent, lives, spents, idles = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local expected, version, now, rest, guard, name = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6]
local countAfter, all, slot, id, hashes = ARGV[7], ARGV[8] == '1', ARGV[9], ARGV[10], tonumber(ARGV[11])

local kept = redis.call('HMGET', scope, 'v', 'g', 'b', 'f', 'u', 'n', 'r')
local run = ''
if guard == 'void' then run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') end
local isForeign = false
local current = '-'
if kept[1] then
  current = kept[1] .. '/' .. run
  isForeign = guard == 'void' and kept[7] ~= run
else
  -- Only now is it of interest whether a scope was forgotten.
  if redis.call('EXISTS', here) == 0 then return redis.error_reply('ONCEKEY_LOST') end
  if string.match(redis.call('INFO', 'stats'), 'evicted_keys:(%d+)') ~= '0' then return redis.error_reply('ONCEKEY_EVICTED') end
end

-- The same call again, because its answer was lost on the way.
if kept[1] == version then return current end

if current ~= expected then
  local codes, gone, live = {}, {}, 0
  if all or slot ~= '' or id ~= '' or countAfter ~= '' then
    local wanted = {}
    for i = 12, 11 + hashes do wanted[ARGV[i]] = true end
    local fields = redis.call('HGETALL', scope)
    for i = 1, #fields, 2 do
      if string.sub(fields[i], 1, 1) == 'c' then
        local hash = string.sub(fields[i], 2)
        local itsId, expiresAt, itsSlot = string.match(fields[i + 1], '^([^\\n]*)\\n[^\\n]*\\n[^\\n]*\\n(%d+)\\n([^\\n]*)\\n')
        if countAfter ~= '' and tonumber(expiresAt) > tonumber(countAfter) then live = live + 1 end
        if all or itsSlot == slot or itsId == id or wanted[hash] then
          codes[#codes + 1] = hash
          codes[#codes + 1] = fields[i + 1]
        end
      end
    end
  else
    for i = 12, 11 + hashes do
      local code = redis.call('HGET', scope, 'c' .. ARGV[i])
      if code then
        codes[#codes + 1] = ARGV[i]
        codes[#codes + 1] = code
      end
    end
  end
  if all then
    gone = redis.call('HGETALL', spent)
  else
    for i = 12, 11 + hashes do
      local code = redis.call('HGET', spent, ARGV[i])
      if code then
        gone[#gone + 1] = ARGV[i]
        gone[#gone + 1] = code
      end
    end
  end
  return { current, isForeign and '1' or '', kept[2] or '0', kept[3] or '', kept[4] or '0', tostring(live), codes, gone }
end

local i = 12 + hashes
if #ARGV < i then return current end

local generation, budget, forgetAt, last, codes = kept[2], kept[3], kept[4], tonumber(kept[5] or '0'), tonumber(kept[6] or '0')
local hasAdded, hasSpent, isKept, answer = false, false, false, version .. '/' .. run

local function stay (key, ms)
  if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, string.format('%.0f', ms * 2)) end
end

-- What nobody sweeps must not pile up: for each code that comes, up to two that are long over go.
local function tidy (index, forget)
  for _, member in ipairs(redis.call('ZRANGE', index, '-inf', string.format('%.0f', now - 2 * rest), 'BYSCORE', 'LIMIT', 0, 2)) do
    forget(member)
    redis.call('ZREM', index, member)
  end
end

local function spend (hash, value, at, itsSlot)
  redis.call('HDEL', scope, 'c' .. hash)
  redis.call('HSET', spent, hash, value)
  redis.call('ZREM', lives, itsSlot .. '\\n' .. name .. '\\n' .. hash)
  redis.call('ZADD', spents, at, name .. '\\n' .. hash)
  codes = codes - 1
  hasSpent = true
end

if isForeign then
  local fields = redis.call('HGETALL', scope)
  for f = 1, #fields, 2 do
    if string.sub(fields[f], 1, 1) == 'c' then
      local itsId, itsGeneration, itsSlot = string.match(fields[f + 1], '^([^\\n]*)\\n([^\\n]*)\\n[^\\n]*\\n[^\\n]*\\n([^\\n]*)\\n')
      spend(string.sub(fields[f], 2), itsId .. '\\n' .. itsGeneration .. '\\nrevoked\\n' .. ARGV[3], ARGV[3], itsSlot)
    end
  end
end

while i <= #ARGV do
  local what = ARGV[i]
  if what == 'add' then
    local hash, value, expiresAt, itsSlot = ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
    redis.call('HSET', scope, 'c' .. hash, value)
    redis.call('ZADD', lives, expiresAt, itsSlot .. '\\n' .. name .. '\\n' .. hash)
    redis.call('ZREM', idles, name)
    codes = codes + 1
    last = math.max(last, tonumber(expiresAt))
    hasAdded = true
    local base = string.sub(here, 1, -5)
    tidy(lives, function (member)
      local s, h = string.match(member, '^[^\\n]*\\n([^\\n]*)\\n(.*)$')
      if redis.call('HDEL', base .. 'scope:' .. s, 'c' .. h) == 0 then return end
      if s == name then
        -- The asker does not know of this: what it will remember by the answer must not be trusted.
        codes = codes - 1
        version = version .. '~'
      else
        redis.call('HINCRBY', base .. 'scope:' .. s, 'n', -1)
        redis.call('HSET', base .. 'scope:' .. s, 'v', version .. '~')
      end
    end)
    tidy(spents, function (member)
      local s, h = string.match(member, '^([^\\n]*)\\n(.*)$')
      redis.call('HDEL', base .. 'spent:' .. s, h)
    end)
    tidy(idles, function (member) redis.call('DEL', base .. 'scope:' .. member) end)
    i = i + 5
  elseif what == 'spend' then
    spend(ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4])
    i = i + 5
  elseif what == 'keep' then
    generation, budget, forgetAt = ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
    last = math.max(last, tonumber(forgetAt))
    isKept = true
    i = i + 4
  elseif what == 'forget' then
    redis.call('HDEL', spent, ARGV[i + 1])
    redis.call('ZREM', spents, name .. '\\n' .. ARGV[i + 1])
    i = i + 2
  elseif what == 'unlist' then
    redis.call('ZREM', lives, ARGV[i + 1] .. '\\n' .. name .. '\\n' .. ARGV[i + 2])
    i = i + 3
  else
    redis.call('DEL', scope)
    redis.call('ZREM', idles, name)
    return '-'
  end
end

if hasAdded or isKept then
  redis.call('HSET', scope, 'v', version, 'g', generation or '0', 'b', budget or '', 'f', forgetAt or '0', 'u', string.format('%.0f', last), 'n', codes, 'r', run)
elseif kept[1] then
  -- Not r: what a restart has voided stays void until there is another budget.
  redis.call('HSET', scope, 'v', version, 'n', codes)
else
  return current
end
local ttl = math.max(last - now, 0) + rest
redis.call('PEXPIRE', scope, string.format('%.0f', ttl))
if hasAdded then stay(lives, ttl) end
if hasSpent then stay(spents, ttl) end
if hasSpent or redis.call('EXISTS', spent) == 1 then
  redis.call('PEXPIRE', spent, string.format('%.0f', ttl))
elseif codes == 0 then
  redis.call('ZADD', idles, forgetAt or '0', name)
  stay(idles, ttl)
end
return answer
`
