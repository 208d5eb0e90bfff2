-- What wrk posts, told by the environment: KIND (victorops, generic, alertmanager), BATCH alerts in one body, KEYS
-- different deduplication keys (0: every alert has a new one), PREFIX of the keys, INGEST_KEY.

local kind, prefix = os.getenv("KIND"), os.getenv("PREFIX")
local batch, keys = tonumber(os.getenv("BATCH")), tonumber(os.getenv("KEYS"))
local n = 0

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

local function next_key()
  n = n + 1
  return prefix .. "-" .. (keys > 0 and n % keys or n)
end

local text = "Replication lag of the primary is above the threshold of 30 s; see the runbook before restarting anything"

local alert = {
  victorops = function(key)
    return '{"message_type":"CRITICAL","entity_id":"' .. key .. '","entity_display_name":"Lag on ' .. key ..
      '","state_message":"' .. text .. '","monitoring_tool":"nagios","host_name":"db-' .. n % 50 ..
      '.example.net","service":"postgres","state_start_time":1767225600,"severity":"high","region":"eu-3",' ..
      '"vo_annotate.u.Runbook":"https://runbooks.example.net/replication-lag"}'
  end,
  generic = function(key)
    return '{"status":"critical","id":"' .. key .. '","title":"Lag on ' .. key .. '","message":"' .. text ..
      '","source":"nagios","host":"db-' .. n % 50 .. '.example.net","service":"postgres","severity":"high",' ..
      '"region":"eu-3","runbook":"https://runbooks.example.net/replication-lag"}'
  end,
  alertmanager = function(key)
    return '{"labels":{"alertname":"Lag","id":"' .. key .. '","instance":"db-' .. n % 50 ..
      '.example.net","service":"postgres-' .. n % 8 .. '","severity":"high","region":"eu-3"},"annotations":{"summary":"' ..
      'Lag on ' .. key .. '","description":"' .. text .. '","runbook":"https://runbooks.example.net/replication-lag"},' ..
      '"generatorURL":"https://prometheus.example.net/graph"}'
  end,
}

local function path()
  if kind == "alertmanager" then return "/api/v2/alerts" end
  local team = "/team-" .. n % 8
  if kind == "generic" then return "/intake/generic/" .. os.getenv("INGEST_KEY") .. team end
  return "/integrations/generic/20131114/alert/" .. os.getenv("INGEST_KEY") .. team
end

function request()
  local made = {}
  for i = 1, batch do made[i] = alert[kind](next_key()) end
  local body = table.concat(made, ",")
  if kind ~= "victorops" then body = "[" .. body .. "]" end
  return wrk.format(nil, path(), nil, body)
end

function done(summary, latency, requests)
  local e = summary.errors
  local bad = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format("\nRESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, bad,
    latency:percentile(50), latency:percentile(99), latency.max))
end
