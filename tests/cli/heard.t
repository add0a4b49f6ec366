# What parley heard understands of words: times that read one way, demands kept apart; nothing else.

== a demand is kept apart, the words stay
$ parley heard us "in one hour, leave the airspace" --heard-at 2015-09-30T06:00:00Z --from-party ru --dry-run
> {"details":{"kind":"flight","from":"2015-09-30T07:00:00.000Z"},"relayed":{"said_by":"not stated","party":"ru","heard_by":"not stated","heard_at":"2015-09-30T06:00:00.000Z","by":"call","language":"en","words":"in one hour, leave the airspace","demand":"leave the airspace"}}

== the time of the notice
$ parley heard us "in one hour, leave the airspace" --heard-at 2015-09-30T06:00:00Z --dry-run | grep -o '"from":"[^"]*"'
> "from":"2015-09-30T07:00:00.000Z"

== in 20 minutes
$ parley heard us "We begin in 20 minutes." --heard-at 2015-09-30T06:00:00Z --dry-run | grep -oE '"(from|demand)":"[^"]*"'
> "from":"2015-09-30T06:20:00.000Z"

== now
$ parley heard us "Stay away from the bridge now!" --heard-at 2015-09-30T06:00:00Z --dry-run | grep -oE '"(from|demand)":"[^"]*"'
> "from":"2015-09-30T06:00:00.000Z"
> "demand":"Stay away from the bridge now"

== half an hour
$ parley heard us "in half an hour" --heard-at 2015-09-30T06:00:00Z --dry-run | grep -o '"from":"[^"]*"'
> "from":"2015-09-30T06:30:00.000Z"

== a time of day in UTC
$ parley heard us "from 13:52Z on" --heard-at 2015-09-30T06:00:00Z --dry-run | grep -o '"from":"[^"]*"'
> "from":"2015-09-30T13:52:00.000Z"

== a time of day without zone is not stated
$ parley heard us "from 13:52 on" --heard-at 2015-09-30T06:00:00Z --dry-run | grep -c '"from"'
? 1
> 0

== two times that differ are not stated
$ parley heard us "in one hour, no, in 20 minutes" --heard-at 2015-09-30T06:00:00Z --dry-run | grep -c '"from"'
? 1
> 0

== the same time twice is one
$ parley heard us "in one hour, I say again in 60 minutes" --heard-at 2015-09-30T06:00:00Z --dry-run | grep -o '"from":"[^"]*"'
> "from":"2015-09-30T07:00:00.000Z"

== 20 m may be metres
$ parley heard us "in 20 m" --heard-at 2015-09-30T06:00:00Z --dry-run | grep -c '"from"'
? 1
> 0

== in Russian
$ parley heard us "Через час покиньте воздушное пространство" --spoken ru --heard-at 2015-09-30T06:00:00Z --dry-run | grep -oE '"(from|demand|language)":"[^"]*"'
> "from":"2015-09-30T07:00:00.000Z"
> "language":"ru"
> "demand":"покиньте воздушное пространство"

== clearing up is no demand, leaves are none
$ parley heard us "The weather is clearing, cleave and leaves" --heard-at 2015-09-30T06:00:00Z --dry-run | grep -c '"demand"'
? 1
> 0

== what is known beside the words wins
$ parley heard us "in one hour" --from 08:00Z --kind convoy --heard-at 2015-09-30T06:00:00Z --dry-run | grep -oE '"kind":"convoy"'
> "kind":"convoy"
