@node
def truth_in_containers(x: Signal[float]) -> Signal[int]:
    seen = create_new_list(bool)
    seen.append(1)
    seen.append(x)
    seen.insert(0, int(x))
    seen[1] = 0
    flags = create_new_dict(int, bool)
    flags[3] = x
    flags[4] = 256
    total = 0
    for flag in seen:
        total = total * 10 + flag
    return total * 100 + flags[3] * 10 + flags[4]
