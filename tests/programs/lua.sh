#!/bin/bash
# Packages: bash lua5.4
# Lua's library: files, processes, coroutines, collection, dates.
cat >a.lua <<'L'
local f = assert(io.open("x", "w")); for i = 1, 1000 do f:write(i, "\n") end; f:close()
local n = 0; for l in io.lines("x") do n = n + tonumber(l) end; print(n)
f = io.open("x", "r+"); print(f:seek("end"), f:seek("set", 10), f:read("n", "l", "L", 5)); f:setvbuf("full", 100); f:close()
local p = io.popen("echo from popen; exit 3"); print(p:read("a"), p:close())
print(os.execute("exit 5")); print(os.execute("kill -9 $$")); print(os.getenv("HOME"), os.getenv("NONE")); print(os.rename("x", "y"), os.rename("x", "y"))
print(os.remove("y"), os.remove("y")); print(os.date("!%Y-%m-%d %H:%M:%S", 86400), os.time{year=2000, month=1, day=1, hour=0}); print(type(os.clock()), os.clock() < 60)
local t = os.tmpname(); print(#t > 0, os.remove(t)); local tf = io.tmpfile(); tf:write("tmp"); tf:seek("set"); print(tf:read("a")); tf:close()
local co = coroutine.wrap(function(a) for i = 1, 3 do a = coroutine.yield(a * 2) end return "end" end); print(co(1), co(5), co(7), co(9))
local s = {}; for i = 1, 200000 do s[i % 1000 + 1] = ("x"):rep(i % 50) .. i end; collectgarbage(); print(#s, collectgarbage("count") < 20000)
print(pcall(error, "bad")); print(utf8.len("héllo"), ("%q %5.1f %x"):format("a\nb", 2.25, 255)); print(math.maxinteger, 7 // 2, 7.5 % 2, 1 << 62, math.type(3.0))
print(load("return 1 + 1")(), require("string") == string, arg[1]); table.sort(s); print(s[1], s[1000]); goto fin; print("never"); ::fin:: print(io.open("/nonexistent/x")); os.exit(4)
L
lua5.4 a.lua arg1; echo $?; echo 'print(io.read("n", "n"))' >r.lua; echo 3 4 | lua5.4 r.lua; luac5.4 -o r.luac r.lua && echo 5 6 | lua5.4 r.luac
lua5.4 -e 'error("bad")' 2>&1 | head -n 1; printf 'print(1+1)\nos.exit()\n' | lua5.4 -i 2>&1 | tail -n 2
