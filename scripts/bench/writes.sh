#!/usr/bin/env bash
# Audited writes from 64 clients, against one commit with fsync at a time and against
# PocketBase's creation of a record, in turns.
#
# What a group of writes saves is the disk's time. Where a sync takes less than a tenth
# of a millisecond (a virtual disk that only promises), it saves nothing that could be
# seen beside the work of 64 HTTP requests. So both are measured again on a disk whose
# sync takes DISK_MS (5, as a disk without a battery behind its cache): strace holds
# each sync back that long, of the appliance and of the single commits alike.
# shellcheck source=scripts/bench/lib.sh
source scripts/bench/lib.sh
# shellcheck source=scripts/bench/pocketbase.sh
source scripts/bench/pocketbase.sh

house
seconds=${WRITE_SECONDS:-5}
load=$(program load)
bare=$(program bare)
serve "$data"
sign_in "$email" >"$scratch/token"
start_pocketbase
echo "$pocketbase_token" >"$scratch/pocketbase.token"

sim='{"msisdn":"+{n}","sim_serial":"8923430{n}","operator_code":"MTN","date_recycled":"2026-10-01","previous_owner_nin":"12345678901"}'
record='{"msisdn":"+{n}","sim_serial":"8923430{n}","operator_code":"MTN","date_recycled":"2026-10-01"}'
for round in 1 2 3; do
	first=$((2348030000000 + round * 1000000))
	"$load" -url "$url/api/v1/recycled-sims" -tokens "$scratch/token" -body "$sim" -from "$first" -for "${seconds}s" >>"$scratch/ours"
	"$bare" commit "$scratch/one.db" >>"$scratch/one"
	"$load" -url "$pocketbase_url/api/collections/sims/records" -tokens "$scratch/pocketbase.token" -body "$record" -from "$first" -for "${seconds}s" >>"$scratch/pocketbase.load"
done

ours=$(median 1 "$scratch/ours") one=$(median 1 "$scratch/one") other=$(median 1 "$scratch/pocketbase.load")
row 'audited writes, 64 clients' "$ours" /s
row 'audited writes, p99' "$(median 3 "$scratch/ours")" ms
row 'audited writes that failed' "$(total 5 "$scratch/ours")" '' '<=' 0
row 'one row, one commit, one fsync at a time' "$one" /s
row 'audited writes against one commit at a time' "$(ratio "$ours" "$one")" times '>=' 10

disk_ms=${DISK_MS:-5}
slow=(strace -D -f -q --seccomp-bpf -o /dev/null -e "trace=fsync,fdatasync" -e "inject=fsync,fdatasync:delay_exit=$((disk_ms * 1000))")
end_children
serve "$data" "${slow[@]}"
sign_in "$email" >"$scratch/token"
"$load" -url "$url/api/v1/recycled-sims" -tokens "$scratch/token" -body "$sim" -from 2348035000000 -for "${seconds}s" >"$scratch/ours-slow"
end_children
"${slow[@]}" "$bare" commit "$scratch/one-slow.db" >"$scratch/one-slow"
ours_slow=$(median 1 "$scratch/ours-slow") one_slow=$(median 1 "$scratch/one-slow")
row "audited writes, a sync takes $disk_ms ms" "$ours_slow" /s
row "one commit at a time, a sync takes $disk_ms ms" "$one_slow" /s
row 'audited writes against one commit at a time' "$(ratio "$ours_slow" "$one_slow")" times '>=' 10
row "PocketBase, create (p99 $(median 3 "$scratch/pocketbase.load") ms, $(total 5 "$scratch/pocketbase.load") failed)" "$other" /s
row 'audited writes against PocketBase' "$(ratio "$ours" "$other")" times '>=' 1.5
