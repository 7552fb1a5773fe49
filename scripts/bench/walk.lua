-- Asks for random members of a list: WALK_PATH with each line of WALK_FILE, under
-- the bearer token WALK_TOKEN. Prints, behind the word walked, answers a second,
-- the 99th percentile in milliseconds and the number of failures.
local head, tail
local list = {}
local thread = 0

function setup(t)
	t:set("seed", 1000 + thread)
	thread = thread + 1
end

function init()
	for line in io.lines(os.getenv("WALK_FILE")) do
		list[#list + 1] = line
	end
	local before, after = os.getenv("WALK_PATH"):match("^(.*){n}(.*)$")
	head = "GET " .. before
	tail = after .. " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " .. os.getenv("WALK_TOKEN") .. "\r\n\r\n"
	math.randomseed(seed)
end

function request()
	return head .. list[math.random(#list)] .. tail
end

function done(summary, latency)
	local e = summary.errors
	io.write(string.format("walked %.0f %.1f %d\n", (summary.requests - e.status) * 1e6 / summary.duration,
		latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
