# SPDX-License-Identifier: Apache-2.0
"""StartLiveTail with boto3."""
import time


def test_events_are_shown_as_they_come(server):
    # The prefix would make the host stream-127.0.0.1.
    logs = server.client("logs", inject_host_prefix=False)
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    events = iter(logs.start_live_tail(logGroupIdentifiers=[arn], logEventFilterPattern="error")["responseStream"])
    assert next(events)["sessionStart"]["logGroupIdentifiers"] == [arn]
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[
        {"timestamp": now, "message": "fine"}, {"timestamp": now, "message": "an error"}])
    shown = []
    while not shown:
        update = next(events)["sessionUpdate"]
        assert update["sessionMetadata"]["sampled"] is False
        shown = update["sessionResults"]
    assert [event["message"] for event in shown] == ["an error"]
    assert shown[0]["logGroupIdentifier"] == "000000000000:g"
    assert shown[0]["logStreamName"] == "s"
    assert shown[0]["timestamp"] == now
    assert next(events)["sessionUpdate"]["sessionResults"] == []


def test_stopping_the_server_ends_sessions_in_order(server):
    logs = server.client("logs", inject_host_prefix=False)
    logs.create_log_group(logGroupName="g")
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    events = iter(logs.start_live_tail(logGroupIdentifiers=[arn])["responseStream"])
    next(events)
    assert server.stop() == 0
    assert all("sessionUpdate" in event for event in events)  # then an end, not a broken connection
