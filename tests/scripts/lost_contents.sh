#!/bin/bash
# A node whose folder is put back to an older state: its log's tail comes back from the mirror, and so do the contents
# that the tail says had arrived; what nobody hands out again is said. Prints TAP.
set -u
# shellcheck source=tests/support/nodes.bash
. "$(dirname "$0")/../support/nodes.bash"

line_of us ru
say $? "the line begins"

serve us && serve ru && opened us && opened ru
say $? "both serve"
begin_us=$("$parley" message us "before" --mode TEST --wait 20 | grep -c SERVED)
[ "$begin_us" = 1 ]
say $? "the line is there"
stop us
cp -r us old
serve us && opened us

echo "from them" >theirs.txt
echo "from us" >ours.txt
"$parley" message ru "with a file" --mode TEST --attach theirs.txt --wait 20 >out/log 2>&1 && grep -q SERVED out/log
say $? "their content has arrived"
"$parley" message us "with a file" --mode TEST --attach ours.txt --wait 20 >out/log 2>&1 && grep -q SERVED out/log
say $? "our content has arrived there"
sleep 1

stop us
rm -r us
mv old us
serve us && opened us
grep -q "were taken back from its mirror" out/us.serve
say $? "the tail is taken back"
grep -q "1 contents that were lost here were fetched again" out/us.serve
say $? "their content is fetched again"
grep -q "1 contents that our log says are kept here are not" out/us.serve
say $? "our own, which nobody hands out, is said to be missing"
"$parley" log export us export >/dev/null 2>&1
grep -rq "from them" export/contents && ! grep -rq "from us" export/contents
say $? "what is here is what was said"
"$parley" log export ru theirs >/dev/null 2>&1 && "$parley" log import us theirs >out/log 2>&1
rm -rf export
"$parley" log export us export >/dev/null 2>&1
grep -rq "from us" export/contents
say $? "an import from the other side brings it"
plan
